# The service without the embedded PostgreSQL: DATABASE_URL is required. Not built by the tests.
FROM node:22-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=optional
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build && npm prune --omit=dev --omit=optional

FROM node:22-slim
# Health and metrics have a port of their own, so that a worker, which has no other, can be watched too.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 EXPUNGE_OPS_PORT=9090
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
COPY bin bin
# The sample platform's. Mount your own over it, or name it in EXPUNGE_DATA_MAP.
COPY data-map.yaml ./
USER node
EXPOSE 3000 9090
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.EXPUNGE_OPS_PORT || process.env.PORT}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "bin/expunge.js", "serve"]
