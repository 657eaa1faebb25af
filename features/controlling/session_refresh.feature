Feature: 7.2.1.11 Session refresh
  A participant keeps its session alive by re-INVITE or UPDATE. Whoever is not
  heard of in time is taken out of the session with a BYE.

  Scenario: A refresh by re-INVITE
    Given alice asks for a session interval refreshed by "uac"
    When alice invites bob
    And bob answers
    And alice refreshes the session
    Then [7.2.1.11/on-refresh/1] the 200 to the refresh of alice carries Session-Expires with refresher "uac"
    And [rfc4028:9/require-timer] the 200 to the refresh of alice requires timer

  Scenario: A refresh by UPDATE
    Given alice asks for a session interval refreshed by "uac"
    When alice invites bob
    And bob answers
    And alice refreshes the session by UPDATE
    Then [7.2.1.11/on-refresh/1] the 200 to the refresh of alice carries Session-Expires with refresher "uac"

  @long-wait
  Scenario: A refresh gives the session another interval
    Given alice asks for a session interval refreshed by "uac"
    And bob has the server refresh his session
    When alice invites bob
    And bob answers
    And the server refreshes the session of bob
    And alice refreshes the session
    Then [7.2.1.11/on-refresh/1.2] alice gets a BYE not before two thirds of the interval, and within the interval, after her refresh

  @long-wait
  Scenario: A participant that is not heard of
    Given alice asks for a session interval refreshed by "uac"
    When alice invites bob, carol
    And bob answers
    And carol answers
    Then [7.2.1.11/on-timer-expiry/u1] alice gets a BYE within the interval, and bob none before her

  @long-wait
  Scenario: A refresh of the server for a session that is gone
    Given bob has the server refresh his session
    And bob loses his session before it is refreshed
    When alice invites bob, carol
    And bob answers
    And carol answers
    And the server refreshes the session of bob
    Then [rfc4028:10/gone] bob gets a BYE after his 481

  Scenario: An interval that is too small
    Given alice asks for a session interval of 60 seconds
    When alice invites bob
    Then [rfc4028:9/too-small] the INVITE of alice is refused with 422 and a Min-SE of 90 seconds or more
