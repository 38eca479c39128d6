//! The registry of applications.

use super::*;

#[test]
fn applications_have_names_of_their_own_and_stages() {
    for (number, application) in APPLICATIONS.iter().enumerate() {
        assert!(
            !application.stages.is_empty() && !application.question.is_empty(),
            "{}",
            application.name
        );
        assert!(APPLICATIONS[..number].iter().all(|other| other.name != application.name));
        assert!(std::ptr::eq(Application::find(application.name).unwrap(), application));
    }
    assert!(Application::find("warm").is_none());
}
