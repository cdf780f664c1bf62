// parameters: {}
// Of each kind of things, whether there is any; and the revision that this is true of.
OPTIONAL MATCH (m:Meta {id: 'revision'})
RETURN coalesce(m.value, 0) AS revision, {
  org_unit: EXISTS { (:OrgUnit) }, goal: EXISTS { (:Goal) }, skill: EXISTS { (:Skill) }, person: EXISTS { (:Person) },
  held_skill: EXISTS { ()-[:HAS_SKILL]->() }, wanted_skill: EXISTS { ()-[:WANTS_TO_LEARN]->() },
  community: EXISTS { (:Community) }, charter: EXISTS { (:Charter) }, membership: EXISTS { ()-[:MEMBER_OF]->() },
  meeting: EXISTS { (:Meeting) }, agenda_item: EXISTS { (:AgendaItem) }, artifact: EXISTS { (:Artifact) },
  question: EXISTS { (:Question) }, advice: EXISTS { (:Advice) }
} AS there
