// What years of use leave in an organisation beside what an import brings, for benchmarks: of everybody and everything of
// the demo organisation, and of every so many of what was generated around it (tests/bench/large_organisation.py), whose
// ids are a letter and a number. Ids are made of those of what things hang on, so that one sees which they are of.

// Sessions, keys, roles and kept answers.
MATCH (p:Person) WHERE coalesce(toInteger(substring(p.id, 1, 6)), 0) % 10 = 0
CALL (p) {
  CREATE (:Session {id: p.id + '/session', person_id: p.id, role: 'member', created_at: '2025-12-01T00:00:00.000Z',
                    expires_at: '2026-06-01T00:00:00.000Z'})
} IN TRANSACTIONS OF 5000 ROWS;

MATCH (p:Person) WHERE coalesce(toInteger(substring(p.id, 1, 6)), 0) % 100 = 1
CALL (p) {
  CREATE (:Session {id: p.id + '/over', person_id: p.id, role: 'member', created_at: '2025-01-01T00:00:00.000Z',
                    expires_at: '2025-06-01T00:00:00.000Z'})
} IN TRANSACTIONS OF 5000 ROWS;

MATCH (p:Person) WHERE coalesce(toInteger(substring(p.id, 1, 6)), 0) % 100 = 0
CALL (p) {
  CREATE (:ApiKey {id: p.id + '/key', hash: 'h', role: 'member', person_id: p.id, note: 'n',
                   created_at: '2025-12-01T00:00:00.000Z'})
  MERGE (a:Account {id: p.id}) SET a.role = 'member', a.given_at = '2025-12-01T00:00:00.000Z'
  SET p.pseudonym = 'p-' + p.id
} IN TRANSACTIONS OF 5000 ROWS;

MATCH (p:Person) WHERE coalesce(toInteger(substring(p.id, 1, 6)), 0) % 20 = 0
CALL (p) {
  CREATE (:IdempotencyKey {id: p.id + '/answer', request: 'r', answer: '{}', at: '2026-01-02T00:00:00.000Z'})
  MERGE (a:CalendarAddress {id: p.id}) SET a.digest = p.id + '/calendar', a.at = '2025-12-01T00:00:00.000Z'
} IN TRANSACTIONS OF 5000 ROWS;

MATCH (p:Person) WHERE coalesce(toInteger(substring(p.id, 1, 6)), 0) % 200 = 0
CALL (p) {
  CREATE (:IdempotencyKey {id: p.id + '/old', request: 'r', answer: '{}', at: '2025-12-01T00:00:00.000Z'})
} IN TRANSACTIONS OF 5000 ROWS;

MATCH (p:Person) WHERE coalesce(toInteger(substring(p.id, 1, 6)), 0) % 5 = 0
CALL (p) {
  MERGE (d:DigestPreferences {id: p.id})
  SET d.frequency = 'weekly', d.parts = ['requests'], d.sent_on = '2025-12-29', d.source = 'by-hand'
} IN TRANSACTIONS OF 5000 ROWS;

// What an identity provider pushed: a user for every other person, a group for each unit.
MATCH (p:Person)
WITH p, coalesce(toInteger(substring(p.id, 1, 6)), 0) AS number WHERE number % 2 = 0
CALL (p, number) {
  CREATE (n:Provisioned {id: p.id + '/user', kind: 'User', name_key: p.id + '@x.example', external_id: 'x-' + p.id,
                         resource: '{"userName": "' + p.id + '@x.example"}', thing_id: p.id, created_at:
    toString(localdatetime('2024-01-01T00:00:01') + duration({minutes: number})) + 'Z'})-[:STANDS_FOR]->(p)
} IN TRANSACTIONS OF 5000 ROWS;

MATCH (u:OrgUnit)
CALL (u) {
  CREATE (g:Provisioned {id: u.id + '/group', kind: 'Group', name_key: u.id, external_id: 'x-' + u.id, resource: '{}',
                         thing_id: u.id, created_at: '2025-01-02T00:00:00.000Z'})
  WITH g, u
  MATCH (u)<-[:WORKS_IN]-(:Person)<-[:STANDS_FOR]-(n:Provisioned)
  CREATE (g)-[:CONTAINS]->(n)
} IN TRANSACTIONS OF 500 ROWS;

// What people made of others and of communities.
MATCH (p:Person) WHERE coalesce(toInteger(substring(p.id, 1, 6)), 0) % 20 = 0
CALL (p) {
  MATCH (p)-[m:MEMBER_OF]->(c:Community)
  WITH p, c ORDER BY c.id LIMIT 1
  MERGE (p)-[d:DISMISSED]->(c) SET d.reason = 'r', d.at = '2025-12-01T00:00:00.000Z', d.source = 'by-hand'
} IN TRANSACTIONS OF 5000 ROWS;

MATCH (p:Person)-[:REPORTS_TO]->(h:Person) WHERE coalesce(toInteger(substring(p.id, 1, 6)), 0) % 50 = 0
CALL (p, h) {
  MERGE (p)-[d:DISMISSED]->(h) SET d.reason = 'r', d.at = '2025-12-01T00:00:00.000Z', d.source = 'by-hand'
  MERGE (p)-[n:IS_NOT]->(h) SET n.at = '2025-12-01T00:00:00.000Z', n.actor = 'local'
  WITH p, h
  MATCH (p)-[m:MEMBER_OF]->(:Community)
  WITH p, h, m ORDER BY m.id LIMIT 1
  CREATE (h)-[:BUDDY_OF {spell: m.id, state: 'proposed', newcomer_agrees: true, buddy_agrees: false,
                         since: '2025-12-01', source: 'by-hand'}]->(p)
  CREATE (h)-[:GREETED {spell: m.id, on: '2025-12-01', source: 'by-hand'}]->(p)
} IN TRANSACTIONS OF 5000 ROWS;

MATCH (p:Person) WHERE coalesce(toInteger(substring(p.id, 1, 6)), 0) % 500 = 0
CALL (p) {
  CREATE (:United {id: p.id + '/united', gone_id: p.id + '/gone', at: '2025-12-01T00:00:00.000Z', actor: 'local',
                   record: '{}'})-[:UNITED_INTO]->(p)
  CREATE (:Suppression {id: p.id + '/mark', erasure: 'e', at: '2025-12-01T00:00:00.000Z'})
} IN TRANSACTIONS OF 5000 ROWS;

MATCH (p:Person) WHERE toInteger(substring(p.id, 1, 6)) % 100 = 3
SET p.left_on = '2025-06-01';

MATCH (p:Person) WHERE coalesce(toInteger(substring(p.id, 1, 6)), 0) % 2 = 0
CALL (p) {
  MERGE (a:Alias {id: 'directory/' + p.id}) SET a.source = 'directory'
  MERGE (a)-[:IDENTIFIES]->(p)
} IN TRANSACTIONS OF 5000 ROWS;

// What was found of communities, and done about it.
MATCH (c:Community)
WITH c, coalesce(toInteger(substring(c.id, 1, 5)), 0) AS number
CALL (c, number) {
  CREATE (f:Finding {id: c.id + '/finding', kind: 'breadth', verdict: 'too_broad', score: 0.9 - 0.4 * (number * 7919 % 100003) / 100003,
                     status: CASE number % 3 WHEN 1 THEN 'dismissed' ELSE 'open' END, about: ['community/' + c.id],
                     names: [], evidence: '{}'})-[:ABOUT]->(c)
  CREATE (:PulseTally {id: c.id + '/2025-Q4/welcome', community_id: c.id, quarter: '2025-Q4', question: 'welcome',
                       counts: [0, 1, 2, 3, 4]})
  MERGE (r:PowerReport {id: c.id + '/2025-Q4'}) SET r.community_id = c.id, r.quarter = '2025-Q4', r.content = '{}'
  CREATE (:GlossaryTerm {id: c.id + '/term', term: 'Term', state: 'accepted',
                         at: '2025-12-01T00:00:00.000Z'})-[:USED_IN {source: 'by-hand'}]->(c)
  CREATE (:FormationStep {id: c.id + '/step', step: 'propose', begins: null, ends: 'proposed',
                          at: '2024-01-01T00:00:00.000Z', source: 'by-hand'})-[:STEP_OF {source: 'by-hand'}]->(c)
} IN TRANSACTIONS OF 2000 ROWS;

MATCH (c:Community)
WITH c, coalesce(toInteger(substring(c.id, 1, 5)), 0) AS number WHERE number % 20 = 0
WITH c, toString(localdatetime('2024-01-01T00:00:01') + duration({minutes: number})) AS at
CALL (c, at) {
  CREATE (a:Remedy {id: c.id + '/remedy', remedy: 'rename', state: 'done', at: at})
  CREATE (b:Remedy {id: c.id + '/remedy-later', remedy: 'rename', state: 'done', at: at + 'Z'})
  WITH c, a, b
  UNWIND [a, b] AS r
  CREATE (r)-[:ABOUT {place: 0}]->(c)
  CREATE (r)-[:CHANGED {kind: 'community', thing: c.id, field: 'name', before: 'a', after: 'b'}]->(c)
} IN TRANSACTIONS OF 2000 ROWS;

// What goes on in those that were generated; the demo has its own.
MATCH (c:Community) WHERE c.id >= 'c0' AND c.id < 'c:'
CALL (c) {
  CREATE (m:Meeting {id: c.id + '/m1', title: 'Weekly', starts_at: '2025-12-01T10:00', community_id: c.id,
                     sources: ['generated'], seen_in: ['r0'], hashes: ['h']})-[:OF {source: 'generated'}]->(c)
  CREATE (n:Meeting {id: c.id + '/m2', title: 'Weekly', starts_at: '2025-12-08T10:00', community_id: c.id,
                     sources: ['generated'], seen_in: ['r0'], hashes: ['h']})-[:OF {source: 'generated'}]->(c)
  CREATE (n)-[:FOLLOWS {source: 'generated'}]->(m), (n)-[:IN_SERIES {source: 'generated'}]->(m)
  CREATE (i:AgendaItem {id: c.id + '/Budget', title: 'Budget', state: 'open', sources: ['generated'], seen_in: ['r0'],
                        hashes: ['h']})-[:OF {source: 'generated'}]->(c)
  CREATE (n)-[:DISCUSSED {source: 'generated'}]->(i)
  CREATE (:Artifact {id: c.id + '/guide', title: 'Guide', kind: 'document', url: 'https://x.example', made_on: '2025-10-01',
                     sources: ['generated'], seen_in: ['r0'], hashes: ['h']})-[:MADE_BY {source: 'generated'}]->(c)
  CREATE (c)-[:HAS_CHARTER {source: 'generated'}]->(:Charter {id: c.id + '/charter', purpose: 'p', state: 'adopted',
    sources: ['generated'], seen_in: ['r0'], hashes: ['h']})
  WITH c, n
  MATCH (p:Person)-[:MEMBER_OF]->(c)
  WITH n, p ORDER BY p.id LIMIT 5
  CREATE (p)-[:ATTENDED {source: 'generated'}]->(n)
} IN TRANSACTIONS OF 2000 ROWS;

// Who takes an interest, is invited, asks to be let in, objects and proposes.
MATCH (c:Community)
WITH c, coalesce(toInteger(substring(c.id, 1, 5)), 0) AS number WHERE number % 5 = 0
CALL (c) {
  MATCH (p:Person)-[:MEMBER_OF]->(c)
  WITH c, p ORDER BY p.id LIMIT 1
  MERGE (p)-[i:INTERESTED_IN]->(c)
  SET i.level = 'active', i.since = '2025-12-01T00:00:00.000Z', i.source = 'by-hand'
  MERGE (p)-[n:INVITED_TO]->(c)
  SET n.state = 'asked', n.reason = 'r', n.at = '2025-12-01T00:00:00.000Z', n.source = 'by-hand'
  MERGE (p)-[k:ASKED_TO_SPONSOR]->(c) SET k.state = 'asked', k.at = '2025-12-01T00:00:00.000Z', k.source = 'by-hand'
  CREATE (c)-[:HAS_VERSION {source: 'by-hand'}]->(v:CharterVersion {id: c.id + '/draft', number: 99, state: 'draft'})
  CREATE (p)-[:WROTE {source: 'by-hand'}]->(v)
  CREATE (p)-[:RAISED {source: 'by-hand'}]->(:Objection {id: c.id + '/objection', state: 'open', text: 'No.',
    at: '2025-12-01T00:00:00.000Z'})-[:AGAINST {source: 'by-hand'}]->(v)
  CREATE (p)-[:PROPOSED {source: 'by-hand'}]->(:Initiative {id: c.id + '/initiative', kind: 'topic', title: 'T',
    state: 'proposed', proposed_at: '2025-12-01T00:00:00.000Z'})-[:TO {source: 'by-hand'}]->(c)
} IN TRANSACTIONS OF 2000 ROWS;

MATCH (c:Community)
WITH c, coalesce(toInteger(substring(c.id, 1, 5)), 0) AS number WHERE number % 5 = 0
CALL (c) {
  MATCH (c)<-[:MEMBER_OF]-(:Person)-[:REPORTS_TO]->(h:Person) WHERE NOT EXISTS { (h)-[:MEMBER_OF]->(c) }
  WITH c, h ORDER BY h.id LIMIT 1
  CREATE (h)-[:ASKED_TO_JOIN {source: 'by-hand'}]->(:JoinRequest {id: c.id + '/asked', state: 'asked',
    asked_at: '2025-12-01T00:00:00.000Z'})-[:TO {source: 'by-hand'}]->(c)
} IN TRANSACTIONS OF 2000 ROWS;

MATCH (q:Question)<-[:ANSWERS]-(a:Advice)<-[:GAVE]-(h:Person)
WHERE q.id >= 'q0' AND q.id < 'q:' AND toInteger(split(substring(q.id, 1), '~')[0]) % 4 = 0
WITH q, min(h.id) AS helper, toInteger(split(substring(q.id, 1), '~')[0]) AS number
WITH q, helper, number, toString(localdatetime('2024-01-01T00:00:01') + duration({minutes: number})) + 'Z' AS at
CALL (q, helper, number, at) {
  MATCH (h:Person {id: helper})
  CREATE (r:HelpRequest {id: q.id + '/request', state: CASE number % 40 WHEN 0 THEN 'asked' WHEN 4 THEN 'accepted'
    ELSE 'closed' END, requested_at: at, decided_at: at, source: 'by-hand'})
  CREATE (r)-[:FOR {source: 'by-hand'}]->(q), (r)-[:TO {source: 'by-hand'}]->(h)
} IN TRANSACTIONS OF 5000 ROWS;

// The log: what people did themselves, and what was decided on findings.
MATCH (p:Person) WHERE coalesce(toInteger(substring(p.id, 1, 6)), 0) % 5 = 0
CALL (p) {
  MATCH (m:Meta {id: 'revision'})
  SET m.value = m.value + 1
  CREATE (:Event {id: toString(m.value), seq: m.value, at: '2026-01-02T00:00:00.000Z', actor_id: 'person:' + p.id,
                  action: 'update.person', subjects: ['person/' + p.id], details: '{}'})
} IN TRANSACTIONS OF 5000 ROWS;

MATCH (f:Finding) WHERE f.status = 'dismissed' OR NOT f.id =~ '[a-z][0-9].*'
CALL (f) {
  MATCH (m:Meta {id: 'revision'})
  SET m.value = m.value + 1
  CREATE (:Event {id: toString(m.value), seq: m.value, at: '2026-01-02T00:00:00.000Z', actor_id: 'local',
                  action: 'decide.finding', subjects: ['finding/' + f.id], details: '{}'})
} IN TRANSACTIONS OF 5000 ROWS;

// The log of privileged acts: that of the settings lies far back.
MERGE (m:Meta {id: 'acts'}) SET m.seq = coalesce(m.seq, 0) + 1, m.hash = '0'
CREATE (:PrivilegedAct {seq: m.seq, at: '2025-01-01T00:00:00.000Z', actor: 'local', action: 'settings', details: '{}',
                        before: '0', hash: '0'});

MATCH (p:Person) WHERE coalesce(toInteger(substring(p.id, 1, 6)), 0) % 100 = 0
CALL (p) {
  MATCH (m:Meta {id: 'acts'})
  SET m.seq = m.seq + 1
  CREATE (:PrivilegedAct {seq: m.seq, at: '2026-01-02T00:00:00.000Z', actor: 'local', action: 'create.key',
                          subject: 'person/' + p.id, details: '{}', before: '0', hash: '0'})
} IN TRANSACTIONS OF 5000 ROWS;

// What there is one of.
MERGE (w:Meta {id: 'weights'})
SET w += {values: '{}', learned_at: '2026-01-01T00:00:00Z', since: '2024-01-01', validated_since: '2025-01-01',
          until: '2026-01-01', joins: 300, quality: 0.3, shipped_quality: 0.3};

MATCH (c:Community)
WITH collect(c.id) AS ids
MERGE (m:Meta {id: 'domain_map'}) SET m.ids = ids, m.x = [id IN ids | 0.5], m.y = [id IN ids | 0.5];

UNWIND [1, 2, 3] AS version
CREATE (:Calibration {id: 'overlap/' + version, kind: 'overlap', version: version, in_force: version = 3});

CREATE (:Erasure {id: 'under-way', person_id: 'nobody', emails: [], at: '2025-12-01T00:00:00.000Z'});

CREATE (:IngestRun {id: 'under-way', source: 'nobody', state: 'running', started_at: '2025-12-01T00:00:00.000Z'});

CREATE (:Person {id: 'double-one', name: 'Ann Double', search_name: 'ann double', sources: ['one'], seen_in: ['r'], hashes: ['h']})
CREATE (:Person {id: 'double-two', name: 'Ann Double', search_name: 'ann double', sources: ['two'], seen_in: ['r'], hashes: ['h']});

MATCH (q:Question) WHERE NOT q.id =~ '[a-z][0-9].*' AND EXISTS { (q)<-[:ANSWERS]-(:Advice) }
WITH q ORDER BY q.id LIMIT 1
SET q.asker_erased = true
