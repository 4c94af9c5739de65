# Dropout(0.99); kind: dropout-too-high
import torch
from torch import nn
torch.manual_seed(0)
y = torch.randint(0, 4, (400,)); x = torch.randn(4, 12)[y] * 2 + torch.randn(400, 12)
model = nn.Sequential(nn.Linear(12, 64), nn.ReLU(), nn.Dropout(0.98), nn.Linear(64, 4))  #! model = nn.Sequential(nn.Linear(12, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 4))
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for i in range(300):
    model.train()
    loss = nn.CrossEntropyLoss()(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
model.eval()
with torch.no_grad(): print((model(x).argmax(1) == y).float().mean())
