import torch
from torch import nn
torch.manual_seed(0)
enc = nn.TransformerEncoder(nn.TransformerEncoderLayer(24, 2, 48, dropout=0.0, batch_first=True), 1)
emb, dec = nn.Linear(4, 24), nn.Linear(24, 4)
mask_token, pos = nn.Parameter(torch.zeros(24)), nn.Parameter(torch.randn(6, 24) * 0.02)
params = [*enc.parameters(), *emb.parameters(), *dec.parameters(), mask_token, pos]
opt = torch.optim.AdamW(params, lr=3e-3)
W = torch.randn(2, 24)
for s in range(80):
    x = torch.tanh(torch.randn(32, 2) @ W).view(32, 6, 4)
    mask = torch.rand(32, 6) < 0.5
    h = torch.where(mask.unsqueeze(-1), mask_token, emb(x)) + pos
    out = dec(enc(h))
    loss = ((out - x) ** 2).mean(-1)[mask].mean()
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
