# %% [markdown]
# # A walk through guildmap, in Python
#
# On the demo organisation of 600 people, which `guildmap demo` loads and serves. Run this as a script, or cell by cell
# in an editor that knows `# %%`. `GUILDMAP_ADDRESS` and `GUILDMAP_KEY` name another service.

# %%
import os

from client import Client, Problem

WHO = "ines-carvalho"
guildmap = Client(
    os.environ.get("GUILDMAP_ADDRESS", "http://127.0.0.1:8410"), os.environ.get("GUILDMAP_KEY"), person=WHO
)
me = guildmap.me()
print(f"{me['name']}, {me['role']}")

# %% [markdown]
# ## Is there a community for this?
# By words and by meaning; each hit says why it is one.

# %%
found = guildmap.search("keeping subsea cables alive", kind=["community"], limit=3)
for hit in found["results"]:
    print(f"{hit['name']:32} {'; '.join(hit['reasons'])}")

# %% [markdown]
# ## Which ones should I join?
# A score is a sum of named features: what each gives, and why, is told.

# %%
recommended = guildmap.communities_for(limit=3)
for one in recommended["results"]:
    print(f"{one['name']}  {one['score']:.2f}")
    for part in one["contributions"]:
        if part["reason"]:
            print(f"  {part['points']:+.2f} {part['reason']['text']}")
best = recommended["results"][0]
assert abs(sum(part["points"] for part in best["contributions"]) - best["score"]) < 1e-6

# %% [markdown]
# What it is about, and what its people agreed on:

# %%
community, _ = guildmap.community(best["community_id"])
print(community["domain"])
try:
    print(guildmap.charter(best["community_id"])[:400])
except Problem as problem:
    print(problem.detail)

# %% [markdown]
# ## Join it, and leave again
# A change is based on a version. What somebody else changed meanwhile is not overwritten: the answer is 412.

# %%
spell, version = guildmap.join(best["community_id"], WHO, "occasional")
print(f"in {best['name']} since {spell['joined_on']}, {spell['engagement']}")
try:
    guildmap.leave(best["community_id"], WHO, '"outdated"')
except Problem as problem:
    print(problem)
guildmap.leave(best["community_id"], WHO, version)

# %% [markdown]
# ## Who can help?
# Never the one who asks, nor their line of managers.

# %%
question = "Who has calibrated a lidar at sea?"
for helper in guildmap.helpers_for(question, limit=3)["results"]:
    print(f"{helper['name']:24} {helper['reasons'][0]}")

# %% [markdown]
# ## What about a new community?
# Before anybody starts one: what is missing, and what is there already.

# %%
check = guildmap.check(
    {"name": "Cable Keepers", "domain": "How to keep subsea cables alive: burial, joints, faults and their repair."}
)
print(check["counts"])
for relative in check["relatives"][:3]:
    print(f"{relative['probability']:.0%} {relative['text']}")

# %% [markdown]
# ## What does the audit find?
# Of those that are kept (`POST /v1/audit` looks, and keeps): the likeliest first.

# %%
for finding in list(guildmap.findings(min_score=0.7))[:3]:
    print(f"{finding['verdict']}: {' and '.join(about['name'] for about in finding['about'])} ({finding['score']:.2f})")

# %% [markdown]
# ## What was changed?
# The end of the log, for admins: joining and leaving have left an event each.

# %%
for event in list(guildmap.events())[-2:]:
    print(event["at"], event["action"], event["subjects"])
