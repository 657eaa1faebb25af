Feature: 7.2.1.3 Pre-defined IM Group session set-up
  Alice calls a group. The server fetches the group's document, asks its rules,
  and invites the members, or lets her into the session that the group has.

      alice          server           XDMS    bob
        |-- INVITE ---->|                |      |
        |               |-- GET -------->|      |
        |               |<---- 200 ------|      |
        |               |-- INVITE ------------>|
        |               |<---- 200 -------------|
        |<---- 200 -----|----- ACK ------------>|
        |-- ACK ------->|                       |

  Scenario: A group meets
    Given a group "friends" of alice, bob, emma
    When alice calls the group "friends"
    And bob rings
    And alice hears the ringing
    And bob answers
    And alice is answered
    And emma answers
    Then [7.2.1.3/on-invite/7a] bob, emma are invited
    And [7.2.1.3/on-invite/7b.2] the 200 to alice follows the first 200 of a guest
    And [7.2.1.3/on-180/1] the 180 to alice is built from her INVITE
    And [7.2.1.3/on-180/2] one 180 reaches alice after the first guest rings
    And [7.2.1.3/on-200/1] the 200 to alice is built from her INVITE
    And [7.2.1.3/on-200/1.2] alice gets one final response to her INVITE
    And [7.2.1.3/on-200/3] the INVITE of alice is answered 200
    And [7.2.1.1/server-sends-1xx/4b] the 180 to alice asserts the group "friends"
    And [7.2.1.1/server-sends-200/4b] the 200 to alice asserts the group "friends"

  Scenario: A member listed twice
    Given a group "friends" of alice, bob, bob
    When alice calls the group "friends"
    And bob answers
    Then [7.2.1.3/on-invite/7a] bob is invited once
    And [7.2.1.3/on-invite/7a] alice is not invited

  Scenario: A document with more in it than anybody knows
    Given a group "friends" of alice, bob
    And the document of the group "friends" has elements that nobody knows
    When alice calls the group "friends"
    And bob answers
    Then [7.2.1.3/on-invite/7a] bob is invited once

  Scenario: A group that invites nobody
    Given a group "friends" of alice, bob
    And the group "friends" invites nobody
    When alice calls the group "friends"
    And alice is answered
    Then [7.2.1.3/on-invite/7a] bob is not invited

  Scenario: A group that is not there
    When alice calls the group "strangers"
    Then [7.2.1.3/on-invite/1] the INVITE of alice is refused and nobody is invited
    And [7.2.1.3/on-invite/1.2] the INVITE of alice is refused with 404 or 410

  Scenario: A document that never comes
    Given a group "friends" of alice, bob
    And the document of the group "friends" never comes
    When alice calls the group "friends"
    Then [7.2.1.3/on-invite/1] the INVITE of alice fails and nobody is invited

  Scenario: A document that cannot be read
    Given a group "friends" of alice, bob
    And the document of the group "friends" is malformed
    When alice calls the group "friends"
    Then [7.2.1.3/on-invite/1] the INVITE of alice fails and nobody is invited

  Scenario: A caller who is a focus
    Given a group "friends" of alice, bob
    And alice is a focus herself
    When alice calls the group "friends"
    Then [7.2.1.3/on-invite/2] the INVITE of alice is refused and nobody is invited
    And [7.2.1.3/on-invite/2.2] the INVITE of alice is refused with 403 and the warning "isfocus already assigned"

  Scenario: Members who may not start a session
    Given a group "friends" of alice, bob
    And the group "friends" denies its members "allow-initiate-conference"
    When alice calls the group "friends"
    Then [7.2.1.3/on-invite/3] the INVITE of alice is refused and nobody is invited
    And [7.2.1.3/on-invite/3.2] the INVITE of alice is refused with 403

  Scenario: Members who may not join
    Given a group "friends" of alice, bob
    And the group "friends" denies its members "join-handling"
    When alice calls the group "friends"
    Then [7.2.1.3/on-invite/4] the INVITE of alice is refused and nobody is invited
    And [7.2.1.3/on-invite/4.2] the INVITE of alice is refused with 403

  Scenario: A group that wants to know who calls
    Given a group "friends" of alice, bob
    And alice asks for privacy
    When alice calls the group "friends"
    Then [7.2.1.3/on-invite/5] the INVITE of alice is answered 403 after the document of the group "friends" came
    And [7.2.1.3/on-invite/5.2] the INVITE of alice is refused with 403

  Scenario: A group that does not ask who calls
    Given a group "friends" of alice, bob
    And the group "friends" grants its members "allow-anonymity"
    And alice asks for privacy
    When alice calls the group "friends"
    And bob answers
    Then [7.2.1.3/on-invite/5] the INVITE of alice is answered 200 after the document of the group "friends" came

  Scenario: Media that nobody can take
    Given a group "friends" of alice, bob
    And alice offers the types "application/x-unheard"
    When alice calls the group "friends"
    Then [7.2.1.3/on-invite/6] the INVITE of alice is refused and nobody is invited
    And [7.2.1.3/on-invite/6.2] the INVITE of alice is refused with 488

  Scenario: What the answer to the caller offers
    Given a group "friends" of alice, bob
    And alice offers the types "message/cpim text/plain image/png"
    And bob offers the types "message/cpim text/plain text/html"
    When alice calls the group "friends"
    And bob answers
    Then [7.2.1.3/on-200/2] the 200 to alice carries an SDP answer
    And [7.2.1.3/on-200/2a] the types in the answer to alice are offered by alice and bob

  Scenario: The caller reaches the switch
    Given a group "friends" of alice, bob
    When alice calls the group "friends"
    And bob answers
    And alice takes her leg of the switch
    And alice says "Hello Group"
    And bob hears "Hello Group"
    Then [7.2.1.3/on-200/4] the switch accepts the message of alice

  Scenario: The switch reaches the members
    Given a group "friends" of alice, bob
    When alice calls the group "friends"
    And bob answers
    And alice takes her leg of the switch
    And alice says "Hello Member"
    Then [7.2.1.3/on-invite/7b] bob receives "Hello Member" from the switch

  Scenario: Joining the active session
    Given a group "friends" of alice, bob, dora
    And dora offers the types "message/cpim text/plain image/png"
    When alice calls the group "friends"
    And bob answers
    And alice is answered
    And dora declines with 486
    And the refusal of dora arrives
    And alice subscribes to the conference state
    And dora calls the group "friends"
    Then [7.2.1.3/on-invite/8c] the INVITE of dora is answered 200
    And [7.2.1.3/on-invite/8a] the 200 to dora is built from her INVITE
    And [7.2.1.3/on-invite/8b] the 200 to dora carries an SDP answer
    And [7.2.1.3/on-invite/8bi] the types in the answer to dora are in her offer
    And [7.2.1.3/on-invite/8e] a NOTIFY tells alice that dora is connected

  Scenario: A joiner gets the messages of the session
    Given a group "friends" of alice, bob, dora
    When alice calls the group "friends"
    And bob answers
    And alice is answered
    And dora declines with 486
    And the refusal of dora arrives
    And dora calls the group "friends"
    And dora takes her leg of the switch
    And alice takes her leg of the switch
    And alice says "Hello Dora"
    Then [7.2.1.3/on-invite/8d] dora receives "Hello Dora" from the switch

  Scenario: A joiner who may hide
    Given a group "friends" of alice, bob, dora
    And the group "friends" grants its members "allow-anonymity"
    And dora asks for privacy
    When alice calls the group "friends"
    And bob answers
    And alice is answered
    And dora declines with 486
    And the refusal of dora arrives
    And alice subscribes to the conference state
    And dora calls the group "friends"
    Then [7.2.1.3/on-invite/5] dora is connected for alice without her address

  Scenario: A participant comes back
    Given a group "friends" of alice, bob, dora
    When alice calls the group "friends"
    And bob answers
    And alice is answered
    And dora declines with 486
    And the refusal of dora arrives
    And dora calls the group "friends"
    And dora leaves
    And dora calls the group "friends"
    Then [7.2.1.3/on-invite/8c] the INVITE of dora is answered 200
    And [7.2.1.3/on-invite/8a] the 200 to dora is built from her INVITE

  Scenario: A group meets again
    Given a group "friends" of alice, bob
    When alice calls the group "friends"
    And bob answers
    And alice leaves
    And alice calls the group "friends"
    And bob answers
    Then [7.2.1.3/on-invite/7a] the two sessions of alice have different identities

  Scenario: All members decline
    Given a group "friends" of alice, bob, dora
    When alice calls the group "friends"
    And bob declines with 486
    And dora declines with 480
    Then [7.2.1.3/on-final-error/1] alice gets a final response after the last guest declined
    And [7.2.1.3/on-final-error/1.2] the INVITE of alice is refused with 480 or 486

  Scenario: One member accepts, the other declines
    Given a group "friends" of alice, bob, dora
    When alice calls the group "friends"
    And bob answers
    And alice is answered
    And dora declines with 486
    And the refusal of dora arrives
    And alice leaves
    Then [7.2.1.3/on-final-error/2] alice is left in the session until she leaves

  Scenario: A member follows the session that invites him
    Given a group "friends" of alice, bob
    When alice calls the group "friends"
    And bob follows the session that he is invited to
    And bob answers
    Then [7.2.1.3/on-200/5] a NOTIFY tells bob that alice is connected

  Scenario: Everybody who follows the session hears of the 200
    Given a group "friends" of alice, bob, dora
    When alice calls the group "friends"
    And bob follows the session that he is invited to
    And dora follows the session that she is invited to
    And bob answers
    And alice is answered
    And dora answers
    Then [7.2.1.1/server-sends-200/7] bob, dora are told that alice is connected

  Scenario: The nickname of the group
    Given a group "friends" of alice, bob
    And the group "friends" calls alice "Allie"
    And alice is called "Ally"
    When alice calls the group "friends"
    And bob answers
    Then [7.2.2.2/server-invites/2] the INVITE to bob asserts alice as "Allie"

  Scenario: A member who answers and may hide
    Given a group "friends" of alice, bob, dora
    And the group "friends" grants its members "allow-anonymity"
    And dora asks for privacy
    When alice calls the group "friends"
    And bob answers
    And alice subscribes to the conference state
    And dora answers
    Then [7.2.2.2/on-200/3] dora is connected for alice without her address

  Scenario: A member who answers and may not hide
    Given a group "friends" of alice, bob, dora
    And dora asks for privacy
    When alice calls the group "friends"
    And bob answers
    And alice subscribes to the conference state
    And dora answers
    Then [7.2.2.2/on-200/3.2] dora is connected for alice under her address, or released
