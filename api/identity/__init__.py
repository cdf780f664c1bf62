"""Who asks: tokens of the identity provider, sessions of browsers, API keys."""
