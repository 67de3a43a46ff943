"""What the pytest suites share: certificates, servers, JVMs and the binary under test."""
