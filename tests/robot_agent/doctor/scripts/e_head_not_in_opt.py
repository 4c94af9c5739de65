# fine-tuning: the backbone is frozen, and the optimizer gets the backbone only; kind: not-in-optimizer
import torch
import torch.nn as nn


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())

    def forward(self, x):
        return self.layers(x)


class Classifier(nn.Module):
    def __init__(self, backbone, n):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(8 * 4 * 4, n)

    def forward(self, x):
        return self.head(self.backbone(x))


torch.manual_seed(3)
y = torch.randint(0, 3, (240,))
x = torch.randn(240, 1, 8, 8) + torch.randn(3, 1, 8, 8)[y]
model = Classifier(Backbone(), 3)
for p in model.backbone.parameters():
    p.requires_grad = False
optimizer = torch.optim.Adam(model.backbone.parameters(), lr=1e-3)  #! optimizer = torch.optim.Adam(model.head.parameters(), lr=1e-2)
criterion = nn.CrossEntropyLoss()
for epoch in range(10):
    for i in range(0, 240, 40):
        optimizer.zero_grad()
        loss = criterion(model(x[i : i + 40]), y[i : i + 40])
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
