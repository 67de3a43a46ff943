// Draws the mermaid blocks of a page, and again when the reader changes between light and dark.
(() => {
    const blocks = [...document.querySelectorAll("pre.mermaid")];
    const sources = blocks.map((block) => block.textContent);
    const darkSystem = window.matchMedia("(prefers-color-scheme: dark)");

    const isDark = () => {
        const chosen = document.body.dataset.theme;
        return chosen === "dark" || (chosen !== "light" && darkSystem.matches);
    };

    const draw = async () => {
        blocks.forEach((block, index) => {
            block.textContent = sources[index];
            delete block.dataset.processed;
        });
        mermaid.initialize({
            startOnLoad: false,
            securityLevel: "strict",
            theme: isDark() ? "dark" : "neutral",
            // Or labels of arrows cover the titles of groups.
            flowchart: { subGraphTitleMargin: { top: 2, bottom: 14 }, nodeSpacing: 84, wrappingWidth: 300 },
            fontFamily: getComputedStyle(document.body).fontFamily,
        });
        await mermaid.run({ nodes: blocks });
    };

    // Furo sets the attribute in a script that may run after this one.
    window.addEventListener("DOMContentLoaded", () => {
        draw();
        darkSystem.addEventListener("change", draw);
        new MutationObserver(draw).observe(document.body, { attributeFilter: ["data-theme"] });
    });
})();
