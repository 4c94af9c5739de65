# kind: graph-carried-over
import torch
from torch import nn
torch.manual_seed(0)
lstm, out = nn.LSTM(1, 16, batch_first=True), nn.Linear(16, 1)
opt = torch.optim.Adam([*lstm.parameters(), *out.parameters()], lr=0.01)
wave = torch.sin(torch.arange(401) * 0.2)
hidden = None
for epoch in range(2):
    for i in range(0, 400, 20):
        x, y = wave[i:i + 20].view(1, 20, 1), wave[i + 1:i + 21].view(1, 20, 1)
        if hidden is not None:
            hidden = tuple(h for h in hidden)  #! hidden = tuple(h.detach() for h in hidden)
        pred, hidden = lstm(x, hidden)  #+
        loss = nn.functional.mse_loss(out(pred), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
