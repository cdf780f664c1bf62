"""What guildmap sends by e-mail."""
