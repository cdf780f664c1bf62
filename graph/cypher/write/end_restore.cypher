// parameters: {"id": "restoring"}
MATCH (m:Meta {id: $id}) DELETE m
