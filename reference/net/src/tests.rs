//! Real sockets against a node that echoes.
