CREATE FULLTEXT INDEX provisioned_text IF NOT EXISTS FOR (n:Provisioned) ON EACH [n.resource]
OPTIONS {indexConfig: {`fulltext.analyzer`: 'standard-no-stop-words', `fulltext.eventually_consistent`: false}};
