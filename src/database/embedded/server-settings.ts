/**
 * Settings of the embedded server, included at the end of its postgresql.conf. Its log holds no personal data: neither
 * statements nor parameters nor what an ERROR quotes of them (`invalid input syntax for type integer: "…"`), only what the
 * server says of itself.
 */
export function serverSettings(port: number): string {
  return `# Written at every start; what you change here is lost.
listen_addresses = '127.0.0.1'
port = ${port}
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
max_connections = 200
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
jit = off
client_connection_check_interval = '1s'
logging_collector = off
log_destination = 'stderr'
log_min_messages = 'log'
log_min_error_statement = 'panic'
log_error_verbosity = 'terse'
log_statement = 'none'
log_min_duration_statement = -1
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_autovacuum_min_duration = -1
log_lock_waits = off
log_checkpoints = off
`;
}
