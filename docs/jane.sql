-- A handful of people on the empty sample platform, to try the API on.
INSERT INTO platform.accounts (id, name) VALUES ('5f1e0a9b7c3d2e1f00000001', 'Example Ltd');
INSERT INTO platform.bots (id, account_id, name) VALUES
  ('st-support', '5f1e0a9b7c3d2e1f00000001', 'Support'),
  ('st-sales', '5f1e0a9b7c3d2e1f00000001', 'Sales');

INSERT INTO platform.users (id, account_id, email, enterprise_id, first_name) VALUES
  ('u-jane', '5f1e0a9b7c3d2e1f00000001', 'Jane@example.com', 'E-1042', 'Jane'),
  ('u-omar', '5f1e0a9b7c3d2e1f00000001', 'omar@example.com', NULL, 'Omar'),
  ('u-olga', '5f1e0a9b7c3d2e1f00000001', 'olga@example.com', NULL, 'Olga');
INSERT INTO platform.account_members (account_id, user_id, role) VALUES
  ('5f1e0a9b7c3d2e1f00000001', 'u-olga', 'owner');
-- The same Facebook number is Jane in one bot and Omar in the other: such numbers are scoped to a page.
INSERT INTO platform.user_identities (user_id, bot_id, channel_id, channel_user_id) VALUES
  ('u-jane', NULL, 'cs-web', 'jane'),
  ('u-jane', 'st-support', 'facebook', '4477009'),
  ('u-omar', 'st-sales', 'facebook', '4477009');

INSERT INTO platform.sessions (id, bot_id, user_id, channel_id, started_on, tags) VALUES
  ('s-1', 'st-support', 'u-jane', 'facebook', '2026-11-20T09:00:00Z', '{}'),
  ('s-2', 'st-sales', 'u-omar', 'facebook', '2026-11-20T10:00:00Z', '{}');
INSERT INTO platform.messages (id, session_id, bot_id, user_id, channel_id, channel_user_id, direction, body, created_on) VALUES
  ('m-1', 's-1', 'st-support', 'u-jane', 'facebook', '4477009', 'in', '{"text": "Hello"}', '2026-11-20T09:00:01Z'),
  ('m-2', 's-1', 'st-support', 'u-jane', 'facebook', '4477009', 'out', '{"text": "Hi Jane"}', '2026-11-20T09:00:02Z'),
  -- Written before anyone knew who it was: tied by the channel alone.
  ('m-3', NULL, 'st-support', NULL, 'facebook', '4477009', 'in', '{"text": "Anyone there?"}', '2026-11-20T08:59:00Z'),
  ('m-4', 's-2', 'st-sales', 'u-omar', 'facebook', '4477009', 'in', '{"text": "Prices?"}', '2026-11-20T10:00:01Z'),
  -- A visitor whom no directory knows.
  ('m-5', NULL, 'st-support', NULL, 'cs-web', 'visitor-7', 'in', '{"text": "Hi"}', '2026-11-20T11:00:00Z');
INSERT INTO platform.debug_logs (bot_id, identity, context, created_on) VALUES
  ('st-support', 'facebook/4477009', '{"phone": "+44 7700 900000"}', '2026-11-20T09:00:01Z');
INSERT INTO platform.analytics_events (bot_id, user_id, channel_id, channel_user_id, ip_address, event, properties, occurred_on) VALUES
  ('st-support', 'u-jane', 'facebook', '4477009', '192.0.2.7', 'opened', '{"page": "/"}', '2026-11-20T09:00:00Z');
