// Builds the portal's front end into one folder with fixed names; Django's templates name them.
import { defineConfig } from "vite";

const front = "src/guantong/portal/front";

export default defineConfig({
  base: "./",
  publicDir: false,
  build: {
    outDir: "src/guantong/portal/static/built",
    emptyOutDir: true,
    // The cockpit carries ECharts, the page of a draft dmn-js; the sizes are known and only those pages load them.
    chunkSizeWarningLimit: 1200,
    modulePreload: false,
    rolldownOptions: {
      input: { app: `${front}/app.js`, account: `${front}/account.js`, cockpit: `${front}/cockpit.js`, flow: `${front}/flow.js`, rules: `${front}/rules.js` },
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "[name].js",
        assetFileNames: "[name][extname]",
      },
    },
  },
});
