//! The protocol machines: each takes an input, appends outputs, and knows neither clock nor socket.

pub mod port;
