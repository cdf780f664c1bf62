// parameters: {}
MATCH (u:OrgUnit)
RETURN collect([u.id, coalesce(u.name, u.id)]) AS pairs
