//! Lists that mostly have one item, which then stands in the list itself and not in memory of its own.

/// A list of few items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Few<T> {
    first: Option<T>,
    /// Those behind the first.
    rest: Vec<T>,
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self {
            first: None,
            rest: Vec::new(),
        }
    }
}

impl<T> Few<T> {
    /// How many items there are.
    pub fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.rest.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// The items in their order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.first.iter().chain(&self.rest)
    }

    /// The items in their order, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.first.iter_mut().chain(&mut self.rest)
    }

    /// The first item that fits, or else a new one at the end.
    pub fn find_or_push(&mut self, fits: impl Fn(&T) -> bool, make: impl FnOnce() -> T) -> &mut T {
        let Some(first) = &self.first else {
            return self.first.insert(make());
        };
        if fits(first) {
            return self.first.as_mut().expect("it has just been looked at");
        }
        let known = self.rest.iter().position(fits);
        let at = known.unwrap_or_else(|| {
            self.rest.push(make());
            self.rest.len() - 1
        });
        &mut self.rest[at]
    }

    /// Takes the first item out.
    pub fn pop_first(&mut self) -> Option<T> {
        let next = (!self.rest.is_empty()).then(|| self.rest.remove(0));
        std::mem::replace(&mut self.first, next)
    }

    /// Takes every item out.
    pub fn clear(&mut self) {
        self.first = None;
        self.rest.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_items_are_kept_in_the_order_in_which_they_came() {
        let mut few = Few::default();
        assert!(few.is_empty());
        for number in [3, 1, 3, 2, 1] {
            *few.find_or_push(|(it, _)| *it == number, || (number, 0)) = (number, number * 10);
        }
        let items: Vec<_> = few.iter().copied().collect();
        assert_eq!(items, [(3, 30), (1, 10), (2, 20)]);
        few.iter_mut().for_each(|it| it.1 = 0);
        assert_eq!((few.pop_first(), few.len()), (Some((3, 0)), 2));
        assert_eq!(few.pop_first(), Some((1, 0)));
        assert_eq!(few.pop_first(), Some((2, 0)));
        assert_eq!((few.pop_first(), few.is_empty()), (None, true));
        few.find_or_push(|_| true, || (5, 5));
        few.clear();
        assert_eq!(few, Few::default());
    }
}
