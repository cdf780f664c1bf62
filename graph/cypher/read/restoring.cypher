// parameters: {"id": "restoring"}
MATCH (m:Meta {id: $id}) RETURN m.file AS file, m.at AS at
