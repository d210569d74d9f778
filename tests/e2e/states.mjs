// The states of the page that are looked at, by tests and in screenshots: each goes on from the one before.

import { apply, hurry, inPhase, set, start } from "./support.mjs";

const button = (page, name) => page.getByRole("button", { name });
const pause = (page) => button(page, "Pause").click();

/** Lets time pass if it does not. */
async function play(page) {
  const play = page.getByRole("button", { name: "Play", exact: true });
  if (await play.count()) await play.click();
}

/** A new cluster, in which time passes. */
async function again(page) {
  await button(page, "Start again").click();
  await play(page);
}

/** A new cluster, on which a starting manifest with a certain text in it is applied, at a speed of so many hundredths. */
async function startAgain(page, file, text, speed) {
  await again(page);
  if (speed) await page.getByRole("combobox", { name: "Speed" }).selectOption(speed);
  await start(page, file);
  await page.locator(".cm-content").getByText(text).first().waitFor();
  await button(page, "Apply").click();
}

/** Folds every pane, or shows all of them, where panes can be folded. */
async function fold(page, pressed) {
  for (const name of ["Show why", "Show all of the terminals", "Show the manifest"]) {
    const pane = page.getByRole("button", { name, pressed });
    if (await pane.isVisible()) await pane.click();
  }
}

/** What is just appearing is looked at when it is there, and when no answer is on its way any more. */
export async function settle(page) {
  await page.evaluate(async () => {
    const frames = (count) => new Promise((done) => requestAnimationFrame(() => done(count > 1 && frames(count - 1))));
    // What was done last is drawn within some frames.
    await frames(12);
    const end = performance.now() + 5000;
    while (document.querySelector(".flight") && performance.now() < end) await frames(1);
    // In a column that is scrolled away an animation stands still: it is not waited for.
    await Promise.race([
      Promise.allSettled(document.getAnimations().map((it) => it.finished)),
      new Promise((done) => setTimeout(done, 1500)),
    ]);
  });
}

export const states = {
  async empty(page) {
    await page.locator(".cm-content").waitFor();
  },
  async zero(page) {
    await apply(page, set({ replicas: 0 }));
    await page.getByRole("button", { name: "Scale web up" }).waitFor();
  },
  async one(page) {
    await button(page, "Scale web up").click();
    await hurry(page);
    await inPhase(page, 0, "ready");
  },
  async five(page) {
    for (let count = 1; count < 5; count++) await button(page, "Scale web up").click();
    await inPhase(page, 4, "ready");
  },
  async starting(page) {
    // Not so fast that one misses what is over in a second.
    await startAgain(page, "first.yaml", "nginx", "100");
    await inPhase(page, 1, "creating");
    await pause(page);
  },
  async rolling(page) {
    await play(page);
    await page.getByRole("combobox", { name: "Speed" }).selectOption("200");
    await inPhase(page, 2, "ready");
    await button(page, "Scale web up").click();
    await inPhase(page, 3, "ready");
    await button(page, "Scale web down").click();
    await inPhase(page, 3, "absent");
    const line = page.getByRole("textbox", { name: "Command line: kubectl" });
    await line.fill("kubectl exec web-1 -- sh -c 'echo \"I am $(hostname)\" > /usr/share/nginx/html/index.html'");
    await line.press("Enter");
    await page.locator('.column[data-ordinal="1"] .disk__files').getByText("I am web-1").waitFor();
    await page.getByRole("textbox", { name: "image of nginx" }).fill("nginx:1.28");
    await button(page, "Set image").click();
    await inPhase(page, 1, "terminating");
    await pause(page);
  },
  async looking(page) {
    await page.locator('.column[data-ordinal="1"] [role=gridcell]').first().click();
    await page.locator(".closer__deeds").waitFor();
  },
  async lost(page) {
    await button(page, "Look at Node node-b").first().click();
    await hurry(page);
    await button(page, /^Silence/).click();
    await play(page);
    await page.locator(".node--lost").waitFor({ timeout: 60_000 });
    await pause(page);
  },
  async pending(page) {
    await startAgain(page, "no-class.yaml", "fast-ssd");
    await page.getByText("there is no StorageClass fast-ssd").first().waitFor();
  },
  async shared(page) {
    await startAgain(page, "deployment.yaml", "Deployment");
    await page.locator(".heap__pod .pod--ready").nth(2).waitFor();
    await page.locator(".heap__claims .disk").first().waitFor();
  },
  async broken(page) {
    await startAgain(page, "seed-000-set.yaml", "kubia-pet");
    await page.locator(".problems li").nth(5).waitFor();
  },
  async choosing(page) {
    await page.getByText("Start from").click();
    await page.locator("[data-starter]").first().waitFor();
  },
  async searching(page) {
    await page.getByText("Start from").click();
    await page.locator(".cm-content").focus();
    await page.keyboard.press("Control+f");
    await page.locator(".cm-search").waitFor();
  },
  async fifty(page) {
    await page.keyboard.press("Escape");
    await again(page);
    await apply(page, set({ replicas: 50, policy: "Parallel" }));
    await page.locator('[data-ordinal="49"][data-phase="ready"]').waitFor({ state: "attached" });
  },
  async thousand(page) {
    await again(page);
    await apply(page, set({ replicas: 1000, policy: "Parallel" }));
    await page.locator('.capsule[data-ordinal="100"][data-look="ready"]').waitFor({ timeout: 60_000 });
    await page.locator('.capsule[data-ordinal="40"]').click();
    await page.locator('.column[data-ordinal="40"]').waitFor();
  },
  async long(page) {
    await again(page);
    await apply(page, set({ replicas: 11, policy: "Parallel", name: "a-name-of-thirty-letters-in-all" }));
    await inPhase(page, 10, "ready", "a-name-of-thirty-letters-in-all");
  },
  async folded(page) {
    await apply(page, set({ replicas: 9, policy: "Parallel", name: "web" }));
    await inPhase(page, 8, "ready");
    await fold(page, true);
  },
  async terminals(page) {
    await fold(page, false);
    await startAgain(page, "first.yaml", "nginx");
    await page.getByRole("button", { name: "Side by side" }).click();
    const first = page.getByRole("textbox", { name: "Command line: kubectl" });
    const second = page.getByRole("textbox", { name: "Command line of terminal 2" });
    const type = async (line, text) => {
      await line.fill(text);
      await line.press("Enter");
    };
    await type(second, "kubectl get pods -w");
    await inPhase(page, 1, "ready");
    await type(first, "kubectl exec -it web-0 -- bash");
    await type(first, "echo hello > /usr/share/nginx/html/index.html");
    await type(first, "exit");
    await type(first, "kubectl apply -f other.yaml");
    await type(first, "kubectl exec web-1 -- curl -s http://web-0.nginx/");
    await pause(page);
    await first.fill("kubectl get pod we");
    await first.press("Tab");
  },
  async presenting(page) {
    await startAgain(page, "first.yaml", "nginx");
    await inPhase(page, 1, "ready");
    await button(page, "Present").click();
  },
  async about(page) {
    await button(page, "Present").click();
    await button(page, "About").click();
    await page.locator(".about__list li").first().waitFor();
  },
};
