//! Calls of one chair to one address: a group, or the user of another chair.

use crate::Scene;

impl Scene {
    /// `chair` calls the group that the scenario calls `name`.
    pub async fn call_group(&mut self, chair: &str, name: &str) {
        let group = self.group(name);
        self.call(chair, &group).await;
    }

    /// `chair` calls the user of another chair.
    pub async fn call_user(&mut self, chair: &str, other: &str) {
        let user = self.user(other);
        self.call(chair, &user).await;
    }

    async fn call(&mut self, chair: &str, target: &str) {
        if !self.act() {
            return;
        }
        let manner = self.manner_of(chair);
        let Some(sdp) = self.first_offer(chair, &manner).await else {
            return;
        };
        let mut request = self.opening(chair, target, &manner);
        request.set_body("application/sdp", sdp.into_bytes());
        self.start_call(chair, request);
    }
}
