//! Device lists, as they are published and as far as they are believed.

/// So many devices of one address are written to. Who has more has a broken client, or is one: each costs a bundle and a key
/// in every message.
pub const MOST_DEVICES: usize = 100;

/// The devices of an address.
///
/// **Invariant**: numbers from 1 to 2^31-1, none twice, at most [`MOST_DEVICES`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceList(Vec<u32>);

impl DeviceList {
    /// From the numbers in a published list; those that are none are passed over. Clients add themselves at the end, so of too
    /// many the last are kept.
    pub fn read(ids: impl IntoIterator<Item = u64>) -> Self {
        let mut list = Vec::new();
        for id in ids.into_iter().filter_map(|id| u32::try_from(id).ok()) {
            if !(1..1 << 31).contains(&id) {
                continue;
            }
            list.retain(|other| *other != id);
            if list.len() == MOST_DEVICES {
                list.remove(0);
            }
            list.push(id);
        }
        Self(list)
    }

    /// The numbers, in the order of the list.
    pub fn ids(&self) -> &[u32] {
        &self.0
    }

    /// What to publish in place of this list of our own devices so that `own` is on it; `None` if it is.
    pub fn with(&self, own: u32) -> Option<Self> {
        if self.0.contains(&own) {
            return None;
        }
        Some(Self::read(self.0.iter().copied().chain([own]).map(u64::from)))
    }

    /// What to publish in place of this list when a device of ours is gone; `None` if it is not on it.
    pub fn without(&self, gone: u32) -> Option<Self> {
        let rest: Vec<u32> = self.0.iter().copied().filter(|id| *id != gone).collect();
        (rest.len() < self.0.len()).then_some(Self(rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h43_a_list_of_ten_thousand_devices_is_cut() {
        let list = DeviceList::read(1..=10_000);
        assert_eq!(list.ids().len(), MOST_DEVICES);
        assert_eq!(list.ids().last(), Some(&10_000));
        let ours = list.with(7).unwrap();
        assert_eq!(ours.ids().len(), MOST_DEVICES);
        assert_eq!(ours.ids().last(), Some(&7));
    }

    #[test]
    fn h43_no_id_twice_no_zero_and_none_too_large() {
        let list = DeviceList::read([5, 0, 5, 1 << 31, (1 << 31) - 1, u64::MAX, 6]);
        assert_eq!(list.ids(), [5, (1 << 31) - 1, 6]);
    }

    #[test]
    fn h43_our_own_device_comes_back_once() {
        let list = DeviceList::read([5, 6]);
        assert_eq!(list.with(7).unwrap().ids(), [5, 6, 7]);
        assert_eq!(list.with(7).unwrap().with(7), None);
        assert_eq!(DeviceList::default().with(7).unwrap().ids(), [7]);
        assert_eq!(list.without(5).unwrap().ids(), [6]);
        assert_eq!(list.without(9), None);
    }
}
