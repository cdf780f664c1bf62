"""The JSON API, one resource a file, with what goes in and out beside the routes."""
