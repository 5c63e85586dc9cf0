//! What holds for every page: it fits, it can be read, and it says what its parts are.

use serde_json::{Value, json};
use tests::world::Result;

use crate::driver::Browser;

/// The window that SmartRecruiters opens: 600 pixels wide, 45 % of a screen of 1080 high.
pub(crate) const POPUP: (u32, u32) = (600, 486);

/// A small phone.
const PHONE: (u32, u32) = (360, 740);

/// Lists what is wrong with the page. The contrast is WCAG's formula; 7 is what its level AAA asks for.
const AUDIT: &str = r#"
const wrong = [], all = css => [...document.querySelectorAll(css)];
const check = (good, words) => { if (!good) wrong.push(words); };
const page = document.scrollingElement;
check(page.scrollWidth <= innerWidth, `${page.scrollWidth} wide in a window of ${innerWidth}`);
check(document.documentElement.lang === 'en', 'no language');
check(document.title.endsWith(document.querySelector('h1')?.innerText), `title "${document.title}"`);
check(all('h1').length === 1 && all('main').length === 1, 'not one heading in one main part');
check(all('main h1').length === 1 && all('body > :not(main)').length === 0, 'something stands outside the main part');
check(document.compatMode === 'CSS1Compat', 'quirks mode');
const ids = all('[id]').map(e => e.id);
check(new Set(ids).size === ids.length, `ids twice: ${ids}`);
for (const field of all('input:not([type=hidden])')) {
  check(field.labels.length === 1 && field.labels[0].htmlFor === field.id, `${field.id} has no label`);
  const hints = (field.getAttribute('aria-describedby') || '').split(' ');
  check(hints.every(id => document.getElementById(id)?.innerText), `${field.id} is described by nothing`);
}
for (const target of all('button, a, input:not([type=hidden])')) {
  const box = target.getBoundingClientRect();
  check(box.height >= 44 && box.width >= 44, `${target.tagName} is ${box.width} by ${box.height}`);
}
const numbers = color => color.match(/[\d.]+/g).map(Number);
const light = color => {
  const part = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const [r, g, b] = numbers(color).map(part);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = e => {
  for (; e; e = e.parentElement) {
    const color = getComputedStyle(e).backgroundColor;
    if ((numbers(color)[3] ?? 1) === 1) return color;
  }
  return 'rgb(255, 255, 255)';
};
let read = 0;
for (const e of all('main *')) {
  if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
  const pair = [light(getComputedStyle(e).color), light(ground(e))].sort((a, b) => b - a);
  const contrast = (pair[0] + 0.05) / (pair[1] + 0.05);
  check(contrast >= 7, `${e.tagName} "${e.innerText}" has a contrast of ${contrast.toFixed(1)}`);
  check(parseFloat(getComputedStyle(e).fontSize) >= 15, `${e.tagName} is in small print`);
  read += 1;
}
check(read > 1, 'nothing to read');
return wrong;
"#;

/// The page is looked at and photographed in the popup's width and on a phone.
pub(crate) async fn looked_at(browser: &Browser, name: &str) -> Result {
    for (size, width) in [(PHONE, "360"), (POPUP, "600")] {
        browser.resize(size).await?;
        let wrong = browser.script(AUDIT).await?;
        assert_eq!(wrong, json!([]), "{name} at {width}");
        browser.picture(&format!("{name}-{width}")).await?;
    }
    Ok(())
}

/// Which field or button has the focus. It must be seen to have it.
pub(crate) async fn focus(browser: &Browser) -> Result<String> {
    let script = r"
        const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
        return { at: e.id || e.tagName, ring: style.outlineStyle, width: parseFloat(style.outlineWidth),
                 inside: box.top >= 0 && box.bottom <= innerHeight };";
    let found = browser.script(script).await?;
    let seen = found["ring"] != "none" && found["width"].as_f64() >= Some(2.0) && found["inside"] == Value::Bool(true);
    assert!(seen, "the focus is not seen: {found}");
    Ok(found["at"].as_str().unwrap_or_default().to_owned())
}

/// Whether everything of the page is seen without scrolling.
pub(crate) async fn fits(browser: &Browser) -> Result<bool> {
    let script = "return document.scrollingElement.scrollHeight <= innerHeight";
    Ok(browser.script(script).await? == Value::Bool(true))
}
