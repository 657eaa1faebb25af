Feature: 8.3.1.1.1 and 8.3.2.1 Pager mode
  Alice sends a MESSAGE to a list of users, to a group, or to a session she is
  in. The server checks it, accepts it with 202 and sends a copy to everybody
  it is for, one at a time to each.

  Scenario: A message to a list
    When alice sends a message to bob, carol
    Then [8.3.1.1.1/on-message/7] a MESSAGE goes to each of bob, carol
    And [8.3.1.1.1/on-message/8] the MESSAGE of alice is accepted with 202
    And [rfc3428:7/bare-2xx] the 2xx to alice has no body and no Contact
    And [8.3.2.1/server-sends/5] all copies of the message name one and the same sender
    And [8.3.2.1/server-sends/5a] the list of alice becomes one MESSAGE for each of bob, carol

  Scenario: What a copy is made of
    Given alice is called "Al"
    When alice sends a message to bob
    Then [8.3.2.1/server-sends/1] the copy of alice to bob is a request of its own
    And [8.3.2.1/server-sends/2] the copy of alice to bob asks for the feature tag "+g.oma.sip-im"
    And [8.3.2.1/server-sends/3] the copy of alice to bob asserts the address of the sender
    And [8.3.2.1/server-sends/4] the copy of alice to bob is addressed to its receiver
    And [rfc3428:4/no-contact] the copy of alice to bob has no Contact
    And [rfc5365:7.2/from] the copy of alice to bob comes from the sender
    And [rfc5365:7.3/content] the copy of alice to bob says what was written
    And [rfc5365:7.3/unwrapped] the copy of alice to bob is no multipart

  Scenario: A copy on its way
    When alice sends a message to bob
    Then [8.3.2.1/server-sends/6] the copy of alice to bob reaches the SIP/IP core

  Scenario: A message in CPIM that asks for a notification of its delivery
    Given alice writes "From: <sip:alice@example.com>\nTo: <sip:bob@example.com>\nNS: imdn <urn:ietf:params:imdn>\nimdn.Message-ID: m1\nimdn.Disposition-Notification: positive-delivery\n\nContent-Type: text/plain\n\nHello" of the type "message/cpim"
    When alice sends a message to bob
    Then [rfc5365:7.3/content] the copy of alice to bob says what was written

  Scenario: A receiver listed twice
    When alice sends a message to bob, bob
    Then [rfc5365:7.1/duplicates] bob gets one copy of the message of alice

  Scenario: The receivers may see each other
    Given alice lists her guests openly
    And alice lists dave as bcc
    And alice has erin anonymised in her list
    When alice sends a message to bob, carol, dave, erin
    And bob, carol, dave, erin have the message
    Then [rfc5365:7.3/history] the copy of alice to bob shows bob, carol and not dave, erin as recipients

  Scenario: A list entry that asks for another method
    Given alice puts ";method=INVITE" behind each address of her list
    When alice sends a message to bob
    Then [rfc5365:7.2/method] the copy of alice to bob is addressed to its receiver

  Scenario: A receiver who takes his time
    Given bob does not answer messages yet
    When alice sends a message to bob
    And alice sends a message to bob
    And bob answers his message
    Then [rfc3428:8/one-at-a-time] bob gets 2 messages, each after the answer to the one before

  Scenario: A long message
    Given dave writes 2000 octets
    When alice sends a message to bob
    And bob has the message
    And dave sends a message to carol
    Then [rfc3428:8/size] no copy over 1300 octets comes by UDP

  Scenario: A factory without the list service
    When alice sends a message to bob by a factory without the list service
    Then [8.3.1.1.1/on-message/1] the MESSAGE of alice is refused with 403

  Scenario: A group that does not exist
    When alice sends a message to the group "strangers"
    Then [8.3.1.1.1/on-message/2] the MESSAGE of alice is refused and nobody gets it
    And [8.3.1.1.1/on-message/2.2] the MESSAGE of alice is refused with 404 or 410

  Scenario: A list for a factory that does not exist
    When alice sends a message to bob by a factory that is not allocated
    Then [8.3.1.1.1/on-message/3] the MESSAGE of alice is refused and nobody gets it
    And [8.3.1.1.1/on-message/3.2] the MESSAGE of alice is refused with 404 or 410

  Scenario: A message to a session that is over
    When alice invites bob
    And bob answers
    And alice leaves
    And alice sends a message to the session of alice
    Then [8.3.1.1.1/on-message/4] the MESSAGE of alice is refused and nobody gets it
    And [8.3.1.1.1/on-message/4.2] the MESSAGE of alice is refused with 403

  Scenario: A sender who is not authorised
    When mallory sends a message to bob
    Then [8.3.1.1.1/on-message/5] the MESSAGE of mallory is refused and nobody gets it
    And [8.3.1.1.1/on-message/5.2] the MESSAGE of mallory is refused with 403

  Scenario: A message to a session from somebody outside
    When alice invites bob
    And bob answers
    And dave sends a message to the session of alice
    Then [8.3.1.1.1/on-message/5] the MESSAGE of dave is refused and nobody gets it
    And [8.3.1.1.1/on-message/5.2] the MESSAGE of dave is refused with 403

  Scenario: A sender who wants to be anonymous
    Given alice asks for privacy
    When alice sends a message to bob
    Then [8.3.1.1.1/on-message/6] the MESSAGE of alice is refused with 403

  Scenario: A message to a group
    Given a group "friends" of alice, bob, carol, bob
    And alice is called "Al"
    When alice sends a message to the group "friends"
    Then [8.3.2.1/server-sends/5b] the message of alice to the group becomes one MESSAGE for each of bob, carol
    And [8.3.2.1/server-sends/5b.2] the members of the group "friends" are fetched before any copy goes out
    And [8.3.2.1/server-sends/5b.3] the copy of alice to bob comes from the sender

  Scenario: A message to a session
    When alice invites bob, carol
    And bob answers
    And carol answers
    And alice sends a message to the session of alice
    Then [8.3.2.1/server-sends/5c] the message of alice to the session becomes one MESSAGE for each of bob, carol
    And [8.3.2.1/server-sends/5c.2] the copy of alice to bob comes from the session
