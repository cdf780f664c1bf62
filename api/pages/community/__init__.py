"""The pages of one community: each has its head, and one part of what the community is."""

from api.pages.community import charter, meetings, overview, people, practice, questions, vitality

ROUTES = tuple(module.routes for module in (overview, charter, meetings, people, questions, practice, vitality))
