"""How people reach guildmap: the command line, and the settings of the whole."""
