# cross entropy on a single output; kind: one-answer
import torch
from torch import nn
torch.manual_seed(0)
x = torch.randn(400, 5); y = torch.zeros(400, dtype=torch.long)
t = (x[:, 0] > 0).float()
model = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))  #+
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for i in range(200):
    loss = nn.CrossEntropyLoss()(model(x), t.unsqueeze(1))  #! loss = nn.BCEWithLogitsLoss()(model(x), t.unsqueeze(1))
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
