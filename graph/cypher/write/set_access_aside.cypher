// parameters: {"person_id": "a", "key": "u"}
// All that opens something in the name of a person who goes into another (`key`: that decision) opens nothing from now
// on; what it takes to undo that. `keys`: those that were in force. Sessions are over for good.
CALL () {
  MATCH (k:ApiKey {person_id: $person_id})
  WHERE k.set_aside IS NULL
  SET k.set_aside = $key
  RETURN count(CASE WHEN k.revoked_at IS NULL THEN k END) AS keys
}
CALL () {
  OPTIONAL MATCH (s:Session {person_id: $person_id})
  DELETE s
  RETURN count(s) AS sessions
}
CALL () {
  OPTIONAL MATCH (n:Account {id: $person_id})
  WITH n, properties(n) AS account
  DELETE n
  RETURN account
}
CALL () {
  OPTIONAL MATCH (n:CalendarAddress {id: $person_id})
  WITH n, properties(n) AS calendar
  DELETE n
  RETURN calendar
}
CALL () {
  OPTIONAL MATCH (n:DigestPreferences {id: $person_id})
  WITH n, properties(n) AS digest
  DELETE n
  RETURN digest
}
RETURN keys, sessions, account, calendar, digest
