Feature: The document of a pre-defined group
  The server asks the XDMS for the document of each group that somebody calls.

      server                          XDMS
        |-- GET .../byGroupID/friends -->|
        |<------------ 200 --------------|

  Scenario: The address of a document
    Given a group "friends" of alice, bob
    When alice calls the group "friends"
    And bob answers
    And alice is answered
    Then [rfc4825:6/document-uri] the document of the group "friends" is asked for at its address
    And [rfc9112:3.2/host] the request for the document of the group "friends" names the host it asks

  Scenario: An XDMS that is out of order
    Given a group "friends" of alice, bob
    And the XDMS answers 503 for the group "friends"
    When alice calls the group "friends"
    Then [7.2.1.3/on-invite/1] the INVITE of alice fails and nobody is invited
