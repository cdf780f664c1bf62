"""What follows from the facts about the life of one community."""
