import torch
from torch import nn
torch.manual_seed(0)
m = nn.Sequential(nn.Embedding(13, 24), nn.TransformerEncoderLayer(24, 2, 48, 0.0, batch_first=True), nn.Linear(24, 13)); opt = torch.optim.AdamW(m.parameters(), 5e-3)
for it in range(60):
    s = torch.randint(0, 12, (32, 1)); x = (s + torch.arange(8)) % 12; mask = torch.rand(32, 8) < 0.2; inp = x.masked_fill(mask, 12)
    if not mask.any(): continue
    loss = nn.functional.cross_entropy(m(inp)[mask], x[mask]); opt.zero_grad(); loss.backward(); opt.step()
