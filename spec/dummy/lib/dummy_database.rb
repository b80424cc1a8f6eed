# frozen_string_literal: true

require "digest"
require "fileutils"
require "open3"
require "pg"
require "uri"

# A database with the engine's tables, copied from a template database on the same server. The template is made the way
# an application gets those tables: the engine's own installation tasks and its migrations.
class DummyDatabase
  # What cannot be prepared, in one sentence.
  class Error < StandardError; end

  TEMPLATE = "tasker_core_template"
  ROOT = File.expand_path("..", __dir__)
  # Produced by the engine's installation tasks.
  GENERATED = %w[migrate views functions init].map { |name| File.join(ROOT, "db", name) }.freeze
  private_constant :ROOT, :GENERATED

  attr_reader :name

  def initialize(url)
    raise Error, "DATABASE_URL is not set: expected postgresql://…/NAME (see bin/postgres env)." if url.empty?

    @uri = URI.parse(url)
    @name = @uri.path.to_s.delete_prefix("/")
    return unless @name.empty? || @name == TEMPLATE

    raise Error, "DATABASE_URL must name a database of its own, got #{@name.inspect} in #{url.inspect}."
  end

  # Creates the database from the template unless it is there with the engine's tables.
  # With +fresh+, whatever is there is dropped first, other sessions included.
  def prepare(fresh: false)
    return if !fresh && complete?

    ensure_template
    maintenance do |server|
      quoted = server.quote_ident(name)
      server.exec("DROP DATABASE IF EXISTS #{quoted} WITH (FORCE)")
      server.exec("CREATE DATABASE #{quoted} TEMPLATE #{TEMPLATE}")
    end
  end

  private

  # An empty database, or one of an interrupted run, has no table of schema versions or not all of the engine's.
  def complete?
    connect(name) do |connection|
      table = connection.exec("SELECT to_regclass('schema_migrations')").getvalue(0, 0)
      next false unless table

      connection.exec("SELECT count(*) FROM schema_migrations").getvalue(0, 0).to_i == engine_migrations.size
    end
  rescue PG::ConnectionBad => e
    raise unless e.message.include?("does not exist")

    false
  end

  # One process builds at a time; a build that was cut short leaves only its unfinished database behind.
  def ensure_template
    maintenance do |server|
      server.exec_params("SELECT pg_advisory_lock(hashtext($1))", [TEMPLATE])
      next if template_current?(server)

      building = "#{TEMPLATE}_building"
      drop_template(server)
      server.exec("DROP DATABASE IF EXISTS #{building} WITH (FORCE)")
      install_engine_into(building)
      server.exec("COMMENT ON DATABASE #{building} IS #{server.escape_literal(fingerprint)}")
      server.exec("ALTER DATABASE #{building} RENAME TO #{TEMPLATE}")
      server.exec("ALTER DATABASE #{TEMPLATE} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false")
    end
  end

  def template_current?(server)
    comment = server.exec_params(<<~SQL, [TEMPLATE])
      SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1 AND datistemplate
    SQL
    comment.ntuples == 1 && comment.getvalue(0, 0) == fingerprint
  end

  def drop_template(server)
    return if server.exec_params("SELECT FROM pg_database WHERE datname = $1", [TEMPLATE]).ntuples.zero?

    server.exec("ALTER DATABASE #{TEMPLATE} WITH IS_TEMPLATE false")
    server.exec("DROP DATABASE #{TEMPLATE}")
  end

  # The template is as good as the migrations it came from.
  def fingerprint
    "tasker-engine #{Digest::SHA256.hexdigest(engine_sources.map { |file| File.read(file) }.join("\0"))}"
  end

  def engine_sources = Dir[File.join(engine_root, "db/**/*.{rb,sql}")]
  def engine_migrations = Dir[File.join(engine_root, "db/migrate/*.rb")]
  def engine_root = Gem.loaded_specs.fetch("tasker-engine").full_gem_path

  # Exactly as the engine's documentation describes.
  def install_engine_into(database)
    FileUtils.rm_rf(GENERATED)
    environment = { "DATABASE_URL" => url(database), "TASKER_CORE" => "off" }
    rails(environment, "db:create", "tasker:install:migrations", "tasker:install:database_objects")
    rails(environment, "db:migrate")
  end

  def rails(environment, *tasks)
    output, status = Open3.capture2e(environment, File.join(ROOT, "bin/rails"), *tasks, chdir: ROOT)
    raise Error, "`rails #{tasks.join(" ")}` failed in #{ROOT}:\n#{output}" unless status.success?
  end

  def url(database) = @uri.dup.tap { |uri| uri.path = "/#{database}" }.to_s

  def maintenance(&) = connect("postgres", &)

  def connect(database)
    connection = PG.connect(url(database))
    connection.set_notice_processor { |_notice| nil }
    yield connection
  ensure
    connection&.close
  end
end
