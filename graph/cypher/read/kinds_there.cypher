// parameters: {}
// Of each kind of things, whether there is any.
RETURN {
  org_unit: EXISTS { (:OrgUnit) }, goal: EXISTS { (:Goal) }, skill: EXISTS { (:Skill) }, person: EXISTS { (:Person) },
  held_skill: EXISTS { ()-[:HAS_SKILL]->() }, wanted_skill: EXISTS { ()-[:WANTS_TO_LEARN]->() },
  community: EXISTS { (:Community) }, charter: EXISTS { (:Charter) }, membership: EXISTS { ()-[:MEMBER_OF]->() },
  meeting: EXISTS { (:Meeting) }, agenda_item: EXISTS { (:AgendaItem) }, artifact: EXISTS { (:Artifact) },
  question: EXISTS { (:Question) }, advice: EXISTS { (:Advice) }
} AS there
