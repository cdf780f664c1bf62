// What is looked for by the person or community that it is of, and lists that are read in their order.
CREATE INDEX api_key_person IF NOT EXISTS FOR (n:ApiKey) ON (n.person_id);
CREATE INDEX pulse_tally_community IF NOT EXISTS FOR (n:PulseTally) ON (n.community_id);
CREATE INDEX power_report_community IF NOT EXISTS FOR (n:PowerReport) ON (n.community_id);
CREATE INDEX privileged_act_action IF NOT EXISTS FOR (n:PrivilegedAct) ON (n.action, n.seq);
CREATE INDEX provisioned_created_at IF NOT EXISTS FOR (n:Provisioned) ON (n.created_at);
