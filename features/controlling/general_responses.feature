Feature: 7.2.1.1 General rules for responses to an initial INVITE
  Alice asks the conference factory for a session. Whatever the server answers
  on the way names the session, its focus and the release of the server.

      alice          server           bob
        |-- INVITE ---->|                |
        |               |-- INVITE ----->|
        |               |<---- 180 ------|
        |<---- 180 -----|                |
        |               |<---- 200 ------|
        |<---- 200 -----|----- ACK ----->|
        |-- ACK ------->|                |

  Scenario: Ringing, then accepted
    Given alice asks for a session interval refreshed by "uac"
    When alice invites bob
    And bob rings
    And bob answers
    Then [7.2.1.1/server-sends-1xx/1] the 180 to alice is built from her INVITE
    And [rfc3261:8.2.6.2/copied-fields] the 180 to alice copies Via, From, Call-ID and CSeq
    And [7.2.1.1/server-sends-1xx/2] the 180 to alice names the IM release in Server
    And [7.2.1.1/server-sends-1xx/3] the 180 to alice lists the methods of the server in Allow
    And [7.2.1.1/server-sends-1xx/4] the 180 to alice carries P-Asserted-Identity
    And [7.2.1.1/server-sends-1xx/4a] the 180 to alice asserts the conference factory
    And [7.2.1.1/server-sends-1xx/5] the 180 to alice names the session with isfocus and +g.oma.sip-im in Contact
    And [7.2.1.1/server-sends-200/1] the 200 to alice is built from her INVITE
    And [rfc3261:8.2.6.2/to-tag] every response to alice has the same tag in To
    And [rfc3261:12.1.1/contact-2xx] the 200 to alice has one Contact with a SIP URI
    And [7.2.1.1/server-sends-200/2] the 200 to alice lists the methods of the server in Allow
    And [7.2.1.1/server-sends-200/3] the 200 to alice carries Session-Expires with refresher "uac"
    And [rfc4028:9/require-timer] the 200 to alice requires timer
    And [rfc4028:9/not-raised] the 200 to alice does not raise the session interval
    And [7.2.1.1/server-sends-200/4] the 200 to alice carries P-Asserted-Identity
    And [7.2.1.1/server-sends-200/4a] the 200 to alice asserts the conference factory
    And [7.2.1.1/server-sends-200/5] the 200 to alice names the session with isfocus and +g.oma.sip-im in Contact

  Scenario: Accepted without ringing
    When alice invites bob
    And bob answers
    Then [7.2.1.1/server-sends-200/6] the first response to alice after 100 names the IM release in Server

  @long-wait
  Scenario: Nobody refreshes the session
    Given alice asks for a session interval refreshed by "uac"
    When alice invites bob
    And bob answers
    Then [7.2.1.1/server-sends-200/3.2] the server sends alice a BYE before the session interval is over

  @long-wait
  Scenario: The server refreshes with a method that alice knows
    Given alice lists "INVITE, ACK, CANCEL, BYE" in Allow
    And alice asks for a session interval refreshed by "uas"
    When alice invites bob
    And bob answers
    Then [rfc4028:9/refresher] the 200 to alice carries Session-Expires with refresher "uas"
    And [7.2.1.1/on-invite/1] the server refreshes the session of alice by a method in her Allow
