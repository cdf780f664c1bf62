"""What an identity provider pushes users and groups to: SCIM 2.0 under /scim/v2."""
