//! English plurals, with the rules and the quirks of the library that LoopBack 2 used: paths must stay what they were.
//!
//! The contract (*rest.md* §2, appendix A) has the observed words. `HTTPS` becomes `HTTPs` and `Blouse` becomes `Blice`
//! there, so they do here.

#![forbid(unsafe_code)]

/// What stands before an ending.
#[derive(Clone, Copy)]
enum Before {
    /// Anything or nothing.
    Any,
    /// Nothing: the ending is the whole word.
    Nothing,
    /// One letter at least, and none of these.
    Not(&'static str),
}

use Before::{Any, Not, Nothing};

impl Before {
    fn fits(self, head: &str) -> bool {
        match self {
            Any => true,
            Nothing => head.is_empty(),
            Not(letters) => head
                .chars()
                .next_back()
                .is_some_and(|letter| !letters.contains(letter)),
        }
    }
}

/// The plural of `word`; the case of what stays is kept.
///
/// ```
/// assert_eq!(loopwright_plural::plural("CoffeeShop"), "CoffeeShops");
/// ```
pub fn plural(word: &str) -> String {
    let lower = word.to_ascii_lowercase();
    let ends = |before: Before, ending: &str| {
        lower
            .strip_suffix(ending)
            .is_some_and(|head| before.fits(head))
    };
    if UNCOUNTABLE
        .split_ascii_whitespace()
        .any(|known| known == lower)
        || lower.starts_with("oxen")
        || PLURALS.iter().any(|(before, ending)| ends(*before, ending))
    {
        return word.to_owned();
    }
    match RULES
        .iter()
        .find(|(before, ending, _, _)| ends(*before, ending))
    {
        // Endings are ASCII, so the cut is at a letter's boundary.
        Some((_, _, cut, added)) => format!("{}{added}", &word[..word.len() - cut]),
        None => format!("{word}s"),
    }
}

/// Endings of words that are plurals already.
const PLURALS: &[(Before, &str)] = &[
    (Nothing, "men"),
    (Nothing, "women"),
    (Any, "people"),
    (Any, "children"),
    (Any, "ta"),
    (Any, "ia"),
    (Any, "analyses"),
    (Any, "bases"),
    (Any, "diagnoses"),
    (Any, "parentheses"),
    (Any, "prognoses"),
    (Any, "synopses"),
    (Any, "theses"),
    (Any, "drives"),
    (Any, "hives"),
    (Any, "tives"),
    (Any, "curves"),
    (Any, "lves"),
    (Any, "rves"),
    (Not("fo"), "ves"),
    (Not("aeiouy"), "ies"),
    (Any, "quies"),
    (Any, "series"),
    (Any, "movies"),
    (Any, "xes"),
    (Any, "ches"),
    (Any, "sses"),
    (Any, "shes"),
    (Any, "mice"),
    (Any, "lice"),
    (Any, "buses"),
    (Any, "oes"),
    (Any, "crises"),
    (Any, "axes"),
    (Any, "testes"),
    (Any, "octopuses"),
    (Any, "viruses"),
    (Any, "aliases"),
    (Any, "canvases"),
    (Any, "statuses"),
    (Any, "campuses"),
    (Nothing, "summonses"),
    (Nothing, "bonuses"),
    (Any, "matrices"),
    (Nothing, "feet"),
    (Nothing, "teeth"),
    (Nothing, "geese"),
    (Any, "quizzes"),
    (Nothing, "whereases"),
    (Nothing, "criteria"),
    (Nothing, "genera"),
];

/// What becomes of an ending: so many letters are cut, and these are added. The first rule that fits wins.
const RULES: &[(Before, &str, usize, &str)] = &[
    (Nothing, "man", 2, "en"),
    (Nothing, "woman", 2, "en"),
    (Any, "person", 4, "ople"),
    (Any, "child", 0, "ren"),
    (Any, "drive", 0, "s"),
    (Nothing, "ox", 0, "en"),
    (Any, "axis", 2, "es"),
    (Any, "testis", 2, "es"),
    (Any, "octopus", 2, "uses"),
    (Any, "virus", 2, "uses"),
    (Any, "alias", 0, "es"),
    (Any, "status", 0, "es"),
    (Any, "canvas", 0, "es"),
    (Any, "campus", 0, "es"),
    (Nothing, "summons", 0, "es"),
    (Nothing, "bonus", 0, "es"),
    (Any, "bus", 1, "ses"),
    (Any, "buffalo", 1, "oes"),
    (Any, "tomato", 1, "oes"),
    (Any, "potato", 1, "oes"),
    (Any, "tum", 2, "a"),
    (Any, "ium", 2, "a"),
    (Any, "sis", 3, "ses"),
    (Not("f"), "fe", 2, "ves"),
    (Any, "lf", 1, "ves"),
    (Any, "rf", 1, "ves"),
    (Any, "hive", 2, "ves"),
    (Any, "tive", 2, "ves"),
    (Not("aeiouy"), "y", 1, "ies"),
    (Any, "quy", 1, "ies"),
    (Any, "matrix", 2, "ices"),
    (Any, "vertex", 2, "ices"),
    (Any, "index", 2, "ices"),
    (Any, "x", 0, "es"),
    (Any, "ch", 0, "es"),
    (Any, "ss", 0, "es"),
    (Any, "sh", 0, "es"),
    (Any, "mouse", 4, "ice"),
    (Any, "louse", 4, "ice"),
    (Nothing, "foot", 4, "feet"),
    (Nothing, "tooth", 5, "teeth"),
    (Nothing, "goose", 5, "geese"),
    (Any, "quiz", 0, "zes"),
    (Nothing, "whereas", 0, "es"),
    (Nothing, "criterion", 2, "a"),
    (Nothing, "genus", 5, "genera"),
    // Not quite unchanged: a capital S becomes a small one.
    (Any, "s", 1, "s"),
];

/// Words without a plural, as whole words.
const UNCOUNTABLE: &str = "\
    accommodation adulthood advertising advice aggression aid air aircraft alcohol anger applause arithmetic \
    assistance athletics bacon baggage beef biology blood botany bread butter carbon cardboard cash chalk chaos chess \
    crossroads countryside dancing deer dignity dirt dust economics education electricity engineering enjoyment envy \
    equipment ethics evidence evolution fame fiction flour flu food fuel fun furniture gallows garbage garlic genetics \
    gold golf gossip gratitude grief guilt gymnastics happiness hardware harm hate hatred health heat help homework \
    honesty honey hospitality housework humour hunger hydrogen ice importance inflation information innocence iron \
    irony jam jewelry judo karate knowledge lack laughter lava leather leisure lightning linguine linguini linguistics \
    literature litter livestock logic loneliness luck luggage macaroni machinery magic management mankind marble \
    mathematics mayonnaise measles methane milk minus money mud music mumps nature news nitrogen nonsense nurture \
    nutrition obedience obesity oxygen pasta patience physics poetry pollution poverty pride psychology publicity \
    punctuation quartz racism relaxation reliability research respect revenge rice rubbish rum safety scenery seafood \
    seaside series shame sheep shopping sleep smoke smoking snow soap software soil spaghetti species steam stuff \
    stupidity sunshine symmetry tennis thirst thunder timber traffic transportation trust underwear unemployment unity \
    validity veal vegetation vegetarianism vengeance violence vitality warmth wealth weather welfare wheat wildlife \
    wisdom yoga zinc zoology";

#[cfg(test)]
mod tests {
    use super::{UNCOUNTABLE, plural};

    /// The observed words of *rest.md* §2, in its order.
    const OBSERVED: &str = "\
        CoffeeShop→CoffeeShops, Person→People, person→people, Category→Categories, Key→Keys, Box→Boxes, Bus→Buses, \
        Status→Statuses, Address→Addresses, Class→Classes, Dish→Dishes, Analysis→Analyses, Crisis→Crises, Axis→Axes, \
        News→News, Series→Series, BookSeries→BookSeries, Equipment→Equipment, SportEquipment→SportEquipments, \
        Information→Information, Money→Money, Sheep→Sheep, Data→Data, Datum→Data, Medium→Media, Media→Media, \
        Child→Children, Man→Men, Woman→Women, Human→Humans, Mouse→Mice, Index→Indices, Matrix→Matrices, Quiz→Quizzes, \
        Potato→Potatoes, Hero→Heros, Photo→Photos, Knife→Knives, Wife→Wives, Half→Halves, Safe→Saves, Leaf→Leafs, \
        Roof→Roofs, Drive→Drives, Octopus→Octopuses, Virus→Viruses, Alias→Aliases, Campus→Campuses, \
        Criterion→Criteria, Genus→genera, Foot→feet, Tooth→teeth, Goose→geese, Ox→Oxen, Fish→Fishes, Staff→Staffs, \
        Movie→Movies, Database→Databases, HTTPLog→HTTPLogs, ACL→ACLs, my_thing→my_things, Users→Users, people→people, \
        Settings→Settings, User2→User2s, S→s, \
        Quota→Quota, Beta→Beta, Gas→Gas, Lens→Lens, Focus→Focus, Stadium→Stadia, Stomach→Stomaches, Belief→Beliefs, \
        Wolf→Wolves, Salesman→Salesmans, Blouse→Blice, Query→Queries";

    /// A word for each rule of appendix A, and one that just misses it where there is one: the words that are plurals
    /// already, then the others. The library that LoopBack used has said them.
    const RULED: &str = "\
        Men→Men, Women→Women, Salesmen→Salesmens, Townspeople→Townspeople, Grandchildren→Grandchildren, Beta→Beta, \
        Media→Media, Analyses→Analyses, Databases→Databases, Diagnoses→Diagnoses, Parentheses→Parentheses, \
        Prognoses→Prognoses, Synopses→Synopses, Theses→Theses, TestDrives→TestDrives, Archives→Archives, \
        Motives→Motives, Curves→Curves, Shelves→Shelves, Scarves→Scarves, Caves→Caves, Waves→Waves, \
        Puppies→Puppies, Boies→Boies, Soliloquies→Soliloquies, Miniseries→Miniseries, Movies→Movies, Boxes→Boxes, \
        Watches→Watches, Classes→Classes, Dishes→Dishes, Mice→Mice, Lice→Lice, Buses→Buses, Heroes→Heroes, \
        Shoes→Shoes, Crises→Crises, Axes→Axes, Testes→Testes, Octopuses→Octopuses, Viruses→Viruses, \
        Aliases→Aliases, Canvases→Canvases, Statuses→Statuses, Campuses→Campuses, Summonses→Summonses, \
        Bonuses→Bonuses, Oxen→Oxen, Oxenford→Oxenford, Matrices→Matrices, Vertices→Vertices, Indices→Indices, \
        VERTICES→VERTICEs, Feet→Feet, BigFeet→BigFeets, Teeth→Teeth, Geese→Geese, Quizzes→Quizzes, \
        Whereases→Whereases, Criteria→Criteria, SubCriteria→SubCriteria, Genera→Genera, Man→Men, Woman→Women, \
        Chairman→Chairmans, Chairperson→Chairpeople, Grandchild→Grandchildren, TestDrive→TestDrives, Ox→Oxen, \
        Musk_Ox→Musk_Oxes, Fox→Foxes, Axis→Axes, Testis→Testes, Octopus→Octopuses, Virus→Viruses, Alias→Aliases, \
        Status→Statuses, Canvas→Canvases, Campus→Campuses, Summons→Summonses, Courtsummons→Courtsummons, \
        Bonus→Bonuses, HouseBonus→HouseBonus, Bus→Buses, Minibus→Minibuses, Buffalo→Buffaloes, Tomato→Tomatoes, \
        Potato→Potatoes, Datum→Data, Stadium→Stadia, Thesis→Theses, Knife→Knives, Giraffe→Giraffes, Fe→Fes, \
        Calf→Calves, Scarf→Scarves, Roof→Roofs, Archive→Archives, ARCHIVE→ARCHIves, Motive→Motives, \
        Category→Categories, Key→Keys, Soliloquy→Soliloquies, Y→Ys, Matrix→Matrices, Vertex→Vertices, \
        Index→Indices, Box→Boxes, Stomach→Stomaches, Class→Classes, Dish→Dishes, Dormouse→Dormice, Blouse→Blice, \
        Foot→feet, Barefoot→Barefoots, Tooth→teeth, Goose→geese, Mongoose→Mongooses, Quiz→Quizzes, \
        Whereas→Whereases, Criterion→Criteria, SubCriterion→SubCriterions, Genus→genera, Gas→Gas, HTTPS→HTTPs, \
        Größe→Größes";

    fn check(pairs: &str) {
        for pair in pairs.split(", ") {
            let Some((one, many)) = pair.split_once('→') else {
                panic!("`{pair}` is no pair")
            };
            assert_eq!(plural(one), many, "the plural of {one}");
        }
    }

    #[test]
    fn the_observed_words() {
        check(OBSERVED);
    }

    #[test]
    fn the_rules_of_the_appendix() {
        check(RULED);
        assert_eq!(plural(""), "s");
    }

    #[test]
    fn words_without_a_plural() {
        for word in UNCOUNTABLE.split_ascii_whitespace() {
            assert_eq!(plural(word), word);
            assert_eq!(
                plural(&word.to_ascii_uppercase()),
                word.to_ascii_uppercase()
            );
            // They are whole words alone: what ends like one has a plural, unless it looks like one.
            if !word.ends_with(['a', 's']) {
                assert_ne!(plural(&format!("Own{word}")), format!("Own{word}"));
            }
        }
    }
}
