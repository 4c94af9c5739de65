# accuracy compares (N,1) with (N,); kind: broadcast
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(400, 5); t = (x[:, 0] + x[:, 1] > 0).float()
model = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for i in range(200):
    loss = nn.BCEWithLogitsLoss()(model(x), t.unsqueeze(1))
    opt.zero_grad(); loss.backward(); opt.step()
with torch.no_grad():
    pred = (torch.sigmoid(model(x)) > 0.5).float()
    acc = (pred == t).float().mean()  #! acc = (pred.squeeze(1) == t).float().mean()
print(acc.item())
