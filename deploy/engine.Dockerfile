# syntax=docker/dockerfile:1
# The vision engine alone: answers like Computer Vision 3.2 and Face 1.0, on models that run here.
# Build in the project's folder: docker build -f deploy/engine.Dockerfile -t imaginem-engine .
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build

FROM node:24-bookworm-slim
ENV NODE_ENV=production MALLOC_ARENA_MAX=1
WORKDIR /app
COPY --from=build /app /app
RUN install --directory --owner=node --group=node --mode=0700 /data
USER node
VOLUME ["/data"]
EXPOSE 7801
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s --retries=3 \
  CMD ["node", "deploy/healthy.js", "http://127.0.0.1:7801/"]
# Its key comes in VISION_ENGINE_KEY: without one it answers whoever reaches it.
ENTRYPOINT ["node", "dist/src/local/vision/main.js", "--host", "0.0.0.0", "--port", "7801", "--data", "/data"]
