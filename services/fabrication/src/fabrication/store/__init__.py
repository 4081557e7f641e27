"""What fabrication keeps: tables and their repositories, and the artefact store."""
