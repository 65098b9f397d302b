# The worker, and the command line: docker run ... node dist/starter.js --help

# Debian, not Alpine: the Temporal SDK's native library needs glibc.
FROM node:22-bookworm-slim AS build
WORKDIR /app
# The packages by themselves, so that this layer lasts until package-lock.json changes.
COPY package.json package-lock.json ./
RUN npm ci --include=dev --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts scripts
COPY src src
RUN node scripts/run.mjs

# The simulated cloud, for docker-compose.yml alone: it needs development packages.
FROM build AS simulator
USER node
CMD ["node", "dist/simulator/main.js"]

FROM build AS production
RUN npm prune --omit=dev --no-audit --no-fund && rm -r dist/simulator dist/demo

FROM node:22-bookworm-slim
# The SDK's native library checks certificates against the system's, which the slim image lacks.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
WORKDIR /app
COPY package.json ./
COPY --from=production /app/node_modules node_modules
COPY --from=production /app/dist dist
USER node
# Exec form: signals reach the worker itself, which then shuts down gracefully.
CMD ["node", "dist/worker.js"]
