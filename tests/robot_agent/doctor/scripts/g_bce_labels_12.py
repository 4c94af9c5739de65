# labels are 1 and 2; kind: labels-out-of-range
import torch
from torch import nn
torch.manual_seed(0)
y = torch.randint(1, 3, (400, 1)).float()  #! y = torch.randint(1, 3, (400, 1)).float() - 1
x = torch.randn(400, 5) + 1.5 * (y - 1.5)
model = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for i in range(200):
    loss = nn.BCEWithLogitsLoss()(model(x), y)  #+
    opt.zero_grad(); loss.backward(); opt.step()
print(((model(x) > 0).float() == y).float().mean())
