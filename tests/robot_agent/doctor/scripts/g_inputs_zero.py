# integer division makes all pixels 0; kind: inputs-constant
import torch
from torch import nn
torch.manual_seed(0)
img = torch.randint(0, 255, (300, 1, 8, 8), dtype=torch.uint8)
y = (img[:, 0, :4].float().mean((1, 2)) > img[:, 0, 4:].float().mean((1, 2))).long()
x = (img // 255).float()  #! x = img / 255.0
model = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 2))
opt = torch.optim.Adam(model.parameters(), lr=0.005)
for i in range(200):
    loss = nn.CrossEntropyLoss()(model(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
