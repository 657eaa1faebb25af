//! Service settings: PoC settings (RFC 4354) with the elements that IM adds.

use roxmltree::Node;

use super::Violation;

/// What a user has set; nothing: not said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceSettings {
    /// Name of the publishing entity.
    pub entity: String,
    /// `isb-settings`: no session may come in.
    pub incoming_session_barring: Option<bool>,
    /// `sss-settings`: a session may come in while another goes on.
    pub simultaneous_sessions: Option<bool>,
    /// `vis-settings`: others may learn that the user is there.
    pub visible: Option<bool>,
    /// `deferred-settings`: kept messages are delivered once the user is there.
    pub offline_delivery: Option<bool>,
}

/// Reads the settings of a publication: one entity, or none that is said to be empty (RFC 4354 5.10).
pub fn parse(document: &[u8]) -> Result<ServiceSettings, Violation> {
    let tree = super::tree(super::text(document)?)?;
    let root = tree.root_element();
    if !root.has_tag_name((POC, "poc-settings")) {
        return Err(Violation::Root);
    }
    let Some(entity) = root
        .children()
        .find(|one| one.has_tag_name((POC, "entity")))
    else {
        return Ok(ServiceSettings::default());
    };
    let said = |names: [(&str, &str); 2]| {
        let group = entity.children().find(|one| one.has_tag_name(names[0]));
        let value = group?.children().find(|one| one.has_tag_name(names[1]));
        value.and_then(active)
    };
    Ok(ServiceSettings {
        entity: entity.attribute("id").unwrap_or_default().to_owned(),
        incoming_session_barring: said([(POC, "isb-settings"), (POC, "incoming-session-barring")]),
        simultaneous_sessions: said([
            (POC, "sss-settings"),
            (POC, "simultaneous-sessions-support"),
        ]),
        visible: said([(IM, "vis-settings"), (IM, "vis-status")]),
        offline_delivery: said([(IM, "deferred-settings"), (IM, "offline-delivery")]),
    })
}

// xs:boolean
fn active(node: Node<'_, '_>) -> Option<bool> {
    let value = node
        .attribute("active")
        .or_else(|| node.attribute((IM, "active")))?;
    match value.trim() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

const POC: &str = "urn:oma:params:xml:ns:poc:poc-settings";
const IM: &str = "urn:oma:xml:im:service-settings";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_of_both_namespaces_are_read_and_others_passed_over() {
        let text = format!(
            "<poc-settings xmlns='{POC}' xmlns:im='{IM}' xmlns:x='u'><x:y/><entity id='1'><x:z/>\
             <isb-settings><incoming-session-barring active='true'/></isb-settings>\
             <im:vis-settings><im:vis-status active='0'/></im:vis-settings>\
             <im:deferred-settings><im:offline-delivery im:active='1'/></im:deferred-settings>\
             </entity></poc-settings>"
        );
        let settings = parse(text.as_bytes()).expect("settings");
        let expected = ServiceSettings {
            entity: "1".into(),
            incoming_session_barring: Some(true),
            simultaneous_sessions: None,
            visible: Some(false),
            offline_delivery: Some(true),
        };
        assert_eq!(settings, expected);
        assert_eq!(parse(b"<settings/>"), Err(Violation::Root));
    }
}
