//! The kinds of volatile values.

/// What a volatile value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    CallId,
    Branch,
    Tag,
    Session,
    MsrpSession,
    MsrpTransaction,
    MessageId,
    /// What a history function calls its record of a session.
    Recording,
    Boundary,
    Nonce,
    Digest,
    SdpId,
    SdpVersion,
    Host,
    Port,
    MsrpPort,
    /// Time and the network alone decide these, so that even their equality is no behaviour.
    Date,
    Transport,
    TransportParameter,
    Rport,
    Received,
    Length,
    /// Chosen at random so that two ends do not meet again (RFC 3261 14.2), or left of a time that runs.
    Seconds,
    Name,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::CallId => "call-id",
            Self::Branch => "branch",
            Self::Tag => "tag",
            Self::Session => "session",
            Self::MsrpSession => "msrp-session",
            Self::MsrpTransaction => "msrp-tid",
            Self::MessageId => "message-id",
            Self::Recording => "recording",
            Self::Boundary => "boundary",
            Self::Nonce => "nonce",
            Self::Digest => "digest",
            Self::SdpId => "sdp-id",
            Self::SdpVersion => "sdp-version",
            Self::Host => "host",
            Self::Port => "port",
            Self::MsrpPort => "msrp-port",
            Self::Date => "date",
            Self::Transport => "transport",
            Self::TransportParameter => "",
            Self::Rport => "rport",
            Self::Received => "received",
            Self::Length => "length",
            Self::Seconds => "seconds",
            Self::Name => "name",
        }
    }

    /// Shown with a number, so that equality stays visible.
    pub(super) fn numbered(self) -> bool {
        !matches!(
            self,
            Self::Date
                | Self::Transport
                | Self::TransportParameter
                | Self::Rport
                | Self::Received
                | Self::Length
                | Self::Seconds
                | Self::Name
        )
    }

    /// Identifiers that other messages quote in places we do not know.
    pub(super) fn searched(self) -> bool {
        matches!(
            self,
            Self::CallId
                | Self::Session
                | Self::MsrpSession
                | Self::MessageId
                | Self::Recording
                | Self::Boundary
                | Self::Tag
        )
    }
}
