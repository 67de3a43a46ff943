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
            theme: isDark() ? "dark" : "default",
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
