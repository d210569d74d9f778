//! What filters print, as the real ones do.

use super::*;

const TEXT: &str = "NAME    READY\nweb-1   1/1\nweb-0   0/1\nweb-0   0/1\n";

fn filter(line: &str) -> (Filter, Vec<String>) {
    let words: Vec<String> = line.split(' ').map(|it| it.replace('_', " ")).collect();
    let read = Filter::read(&words[0], &words[1..]).expect("it is a filter");
    read.expect("its flags are known")
}

fn run(line: &str, input: &str) -> (String, i32) {
    let ((mut filter, files), mut out) = (filter(line), String::new());
    assert_eq!(files, [""; 0]);
    let mut input = input.to_owned();
    filter.feed(&mut input, true, &mut out);
    assert_eq!(input, "");
    let code = filter.finish(&mut out);
    (out, code)
}

#[test]
fn filters_print_what_the_real_ones_print() {
    for (line, output) in [
        ("grep web-1", "web-1   1/1\n"),
        ("grep -v web", "NAME    READY\n"),
        ("grep -c 0/1", "2\n"),
        ("grep -o web-[0-9]", "web-1\nweb-0\nweb-0\n"),
        ("grep -nw 1/1", "2:web-1   1/1\n"),
        ("grep -e READY -e 1/1", "NAME    READY\nweb-1   1/1\n"),
        ("grep -nA1 NAME", "1:NAME    READY\n2-web-1   1/1\n"),
        ("grep -B1 web-1", "NAME    READY\nweb-1   1/1\n"),
        ("grep -m1 -H web-0", "(standard input):web-0   0/1\n"),
        ("grep -l web --color=auto", "(standard input)\n"),
        ("grep -x web-1", ""),
        ("head -2", "NAME    READY\nweb-1   1/1\n"),
        ("head -n -3", "NAME    READY\n"),
        ("head -c 4", "NAME"),
        ("tail -n 1", "web-0   0/1\n"),
        ("tail -n +4", "web-0   0/1\n"),
        ("tail -c 4", "0/1\n"),
        ("wc -l", "4\n"),
        ("wc", "      4       8      50\n"),
        (
            "cat -n",
            "     1\tNAME    READY\n     2\tweb-1   1/1\n     3\tweb-0   0/1\n     4\tweb-0   0/1\n",
        ),
        (
            "sort",
            "NAME    READY\nweb-0   0/1\nweb-0   0/1\nweb-1   1/1\n",
        ),
        ("sort -ru", "web-1   1/1\nweb-0   0/1\nNAME    READY\n"),
        (
            "uniq -c",
            "      1 NAME    READY\n      1 web-1   1/1\n      2 web-0   0/1\n",
        ),
        ("uniq -d", "web-0   0/1\n"),
        ("cut -d_ -f1", "NAME\nweb-1\nweb-0\nweb-0\n"),
        ("cut -c1-3,5", "NAM \nweb1\nweb0\nweb0\n"),
        (
            "tr a-z A-Z",
            "NAME    READY\nWEB-1   1/1\nWEB-0   0/1\nWEB-0   0/1\n",
        ),
        (
            "tr [:upper:] [:lower:]",
            "name    ready\nweb-1   1/1\nweb-0   0/1\nweb-0   0/1\n",
        ),
        (
            "tr -d \\n",
            "NAME    READYweb-1   1/1web-0   0/1web-0   0/1",
        ),
        ("tr -s _", "NAME READY\nweb-1 1/1\nweb-0 0/1\nweb-0 0/1\n"),
        ("tr -cd 0-9\\n", "\n111\n001\n001\n"),
        (
            "tr -sc a-zA-Z0-9\\n .",
            "NAME.READY\nweb.1.1.1\nweb.0.0.1\nweb.0.0.1\n",
        ),
    ] {
        let code = i32::from(output.is_empty());
        assert_eq!(run(line, TEXT), (output.to_owned(), code), "{line}");
    }
    assert_eq!(run("grep nothing", TEXT), (String::new(), 1));
}

#[test]
fn groups_of_lines_are_set_apart() {
    let letters = "a\nb\nc\nd\ne\nf\n";
    assert_eq!(run("grep -C1 [be]", letters).0, letters);
    assert_eq!(run("grep -A1 [ae]", letters).0, "a\nb\n--\ne\nf\n");
    assert_eq!(run("grep -m1 -A1 [ae]", letters).0, "a\nb\n");
}

#[test]
fn lines_are_sorted_by_keys() {
    let text = "b:10:1.2.10\na:9:1.2.9\nc:9:v1\n";
    for (line, order) in [
        ("sort -t: -k2,2n -k1,1r", "cab"),
        ("sort -t: -k2,2nr", "bac"),
        ("sort -t: -k3 -V", "abc"),
        ("sort -k1.2 -r", ""),
    ] {
        if order.is_empty() {
            let words: Vec<String> = line.split(' ').skip(1).map(str::to_owned).collect();
            assert!(Filter::read("sort", &words).is_some_and(|it| it.is_err()));
            continue;
        }
        let first: String = run(line, text)
            .0
            .lines()
            .filter_map(|it| it.chars().next())
            .collect();
        assert_eq!(first, order, "{line}");
    }
    assert_eq!(run("sort -h", "1G\n2K\n10M\n3\n").0, "3\n2K\n10M\n1G\n");
    assert_eq!(run("sort -k2 -n", "a  10\nb 9\n").0, "b 9\na  10\n");
}

#[test]
fn what_comes_bit_by_bit_is_passed_on_and_not_kept() {
    let mut out = String::new();
    let (mut grep, _) = filter("grep web");
    let mut input = "web-0\nwe".to_owned();
    grep.feed(&mut input, false, &mut out);
    assert_eq!((out.as_str(), input.as_str()), ("web-0\n", "we"));
    let (mut head, _) = filter("head -1");
    assert!(!head.feed(&mut "we".to_owned(), false, &mut out));
    assert!(head.feed(&mut "web-0\nwe".to_owned(), false, &mut out));
    let (mut wc, _) = filter("wc -l");
    out.clear();
    wc.feed(&mut "a\n".to_owned(), false, &mut out);
    assert_eq!(out, "");
    wc.feed(&mut "a\n".to_owned(), true, &mut out);
    wc.finish(&mut out);
    assert_eq!(out, "2\n");
}

#[test]
fn flags_that_are_not_known_are_named() {
    let read = |name: &str, flag: &str| Filter::read(name, &[flag.to_owned()]).expect("it is one");
    let text = read("wc", "-x").unwrap_err();
    assert_eq!(text, "wc: this terminal's wc does not know the flag -x\n");
    assert_eq!(
        read("head", "-n").unwrap_err(),
        "head: option requires an argument -- 'n'\n"
    );
}
