// What is looked for by the person or community that it is of, and lists that are read in their order.
CREATE RANGE INDEX api_key_person IF NOT EXISTS FOR (n:ApiKey) ON (n.person_id);
CREATE RANGE INDEX pulse_tally_community IF NOT EXISTS FOR (n:PulseTally) ON (n.community_id);
CREATE RANGE INDEX power_report_community IF NOT EXISTS FOR (n:PowerReport) ON (n.community_id);
CREATE RANGE INDEX privileged_act_action IF NOT EXISTS FOR (n:PrivilegedAct) ON (n.action, n.seq);
CREATE RANGE INDEX provisioned_created_at IF NOT EXISTS FOR (n:Provisioned) ON (n.created_at);
CREATE RANGE INDEX meeting_recurrence IF NOT EXISTS FOR (n:Meeting) ON (n.recurrence);
CREATE RANGE INDEX community_visibility IF NOT EXISTS FOR (n:Community) ON (n.visibility);
